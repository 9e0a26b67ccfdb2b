/** An embed's page works without this: it adds the live preview, the colour's contrast, tabs, and a word on what is unsaved. */

import { colourOf, inkOn, judged } from "./admin-contrast.js";
import { lookOf, Preview } from "./admin-preview.js";
import { makeTabs } from "./admin-tabs.js";

const SETTLED_MS = 400;

/**
 * @template {Element} T
 * @param {string} selector
 * @param {new () => T} kind
 * @returns {T}
 */
function one(selector, kind) {
  const found = document.querySelector(selector);
  if (!(found instanceof kind)) throw new Error(`There is no ${selector} in the page.`);
  return found;
}

const form = one("form.settings", HTMLFormElement);
const stage = one(".stage", HTMLElement);
const color = one("#color", HTMLInputElement);
const picker = one("[data-picker]", HTMLInputElement);
const judgement = one("[data-contrast]", HTMLElement);
const launcher = one("[data-launcher]", HTMLElement);
const unsaved = one("[data-unsaved]", HTMLElement);
const isDark = () => stage.dataset.shade === "dark";
const preview = new Preview(one("[data-preview]", HTMLIFrameElement), () => lookOf(form, isDark()));
const box = document.querySelector("[data-tabs]");
if (box instanceof HTMLElement) makeTabs(box);

// The preview

/** @param {Event} event */
function turnStage(event) {
  if (!(event.target instanceof HTMLInputElement)) return;
  stage.dataset[event.target.name === "preview-width" ? "width" : "shade"] = event.target.value;
  preview.show();
}

function showLauncher() {
  const given = new FormData(form);
  stage.dataset.position = String(given.get("position"));
  one("[data-launcher-text]", HTMLElement).textContent = String(given.get("launcher_text") ?? "").trim();
  for (const icon of launcher.querySelectorAll("[data-icon]")) icon.toggleAttribute("hidden", icon.getAttribute("data-icon") !== given.get("icon"));
  paint(launcher, colourOf(color.value));
}

const toggles = one("[data-toggles]", HTMLElement);
toggles.hidden = false;
toggles.addEventListener("change", turnStage);
if (matchMedia("(prefers-color-scheme: dark)").matches) one('[name="preview-shade"][value="dark"]', HTMLInputElement).click();
launcher.hidden = false;

// The accent colour

/**
 * @param {HTMLElement} element
 * @param {string} back as #rrggbb; empty for Parley's own
 */
function paint(element, back) {
  element.style.setProperty("--sample-back", back || "var(--accent)");
  element.style.setProperty("--sample-ink", back ? inkOn(back) : "var(--accent-ink)");
}

/** The words, once nobody turns the colour any more: they are read aloud. */
function judge() {
  const back = colourOf(color.value);
  judgement.hidden = back === "";
  if (!back) return judgement.replaceChildren();
  const sample = document.createElement("span");
  sample.className = "sample";
  sample.setAttribute("aria-hidden", "true");
  sample.textContent = "Aa";
  paint(sample, back);
  const words = document.createElement("span");
  words.textContent = judged(back);
  judgement.replaceChildren(sample, words);
}

/** @type {ReturnType<typeof setTimeout> | undefined} */
let settled;
function colourChanged() {
  picker.value = colourOf(color.value) || "#0f6b5c";
  clearTimeout(settled);
  settled = setTimeout(judge, SETTLED_MS);
}

picker.hidden = false;
picker.addEventListener("input", () => {
  color.value = picker.value;
  color.dispatchEvent(new Event("input", { bubbles: true }));
});
color.addEventListener("input", colourChanged);

// The form

// What was sent back with a problem is not saved either.
let isChanged = form.querySelector("[role='alert']") !== null;
unsaved.hidden = !isChanged;
form.addEventListener("input", () => {
  isChanged = true;
  unsaved.hidden = false;
  showLauncher();
  preview.show();
});
form.addEventListener("submit", () => {
  isChanged = false;
});
// Pausing, allowing a site and the like are forms of their own: what is typed here would be gone with them.
addEventListener("beforeunload", (event) => {
  if (isChanged) event.preventDefault();
});

// Who loads the page again wants the page: not what was done, and not to do it once more.
const own = new URL(form.action).pathname;
if (location.pathname + location.search !== own) history.replaceState(null, "", own + location.hash);

colourChanged();
judge();
showLauncher();
