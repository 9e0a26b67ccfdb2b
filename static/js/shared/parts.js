/** What stands around a message's text on the shared page: reasoning, how an answer ended, other versions. */

import { createTool } from "../markdown/dom-nodes.js";
import { reasoningLabel } from "../endings.js";
import { say } from "../say.js";
import { element } from "./new-article.js";

/** @import {Answer} from "../objects.js" */
/** @import {Shown} from "../state/tree.js" */

/**
 * @param {HTMLElement} article
 * @param {Answer} answer
 */
export function showReasoning(article, answer) {
  if (answer.reasoning === "") return;
  const fold = article.querySelector("details.reasoning") ?? newFold(article);
  const label = fold.querySelector("summary");
  if (label) label.textContent = reasoningLabel(answer);
  const text = fold.querySelector(".reasoning-text");
  if (text && text.textContent !== answer.reasoning) text.textContent = answer.reasoning;
}

/** @param {HTMLElement} article */
function newFold(article) {
  const fold = element("details", "reasoning");
  const text = element("div", "reasoning-text");
  text.dir = "auto";
  fold.append(document.createElement("summary"), text);
  article.querySelector(".markdown")?.before(fold);
  return fold;
}

/**
 * @param {HTMLElement} article
 * @param {Answer} answer
 * @param {boolean} live whether the share is
 */
export function showEnding(article, answer, live) {
  const words = ending(answer.status, live);
  const old = article.querySelector(".ending");
  // What the server wrote of the same ending is as true.
  if (old instanceof HTMLElement && words !== null && old.dataset["kind"] === answer.status) return;
  if (words === null) {
    old?.remove();
    return;
  }
  const line = old instanceof HTMLElement ? old : element("p", "ending");
  line.dataset["kind"] = answer.status;
  line.textContent = words;
  if (!old) article.querySelector(".markdown")?.after(line);
}

/**
 * @param {Answer["status"]} status
 * @param {boolean} live
 * @returns {string | null} what a reader is told of it; null when there is nothing to tell
 */
function ending(status, live) {
  if (status === "stopped") return say("Stopped.");
  if (status === "failed") return say("This answer failed.");
  if (status !== "interrupted") return null;
  // A snapshot has it of answers that were being written when it was taken.
  return live ? say("This answer was interrupted.") : say("This answer was not finished when it was shared.");
}

/**
 * Which of several versions is shown, and the way to the others: ‹ 2 / 3 ›. It takes the place of the server's form.
 * @param {HTMLElement} article
 * @param {Shown} item
 * @param {(message: string) => void} choose
 */
export function showVersions(article, { message, siblings }, choose) {
  article.querySelector(".switcher")?.remove();
  const at = siblings.indexOf(message.id);
  if (siblings.length < 2 || at < 0) return;
  const group = element("div", "switcher");
  group.setAttribute("role", "group");
  group.setAttribute("aria-label", say("Versions of this message"));
  const count = document.createElement("span");
  count.textContent = say("{number} of {total}", { number: at + 1, total: siblings.length });
  group.append(step("‹", say("Previous version"), siblings[at - 1], choose), count, step("›", say("Next version"), siblings[at + 1], choose));
  article.querySelector(".message-head")?.append(group);
}

/**
 * @param {string} mark
 * @param {string} label
 * @param {string | undefined} to
 * @param {(message: string) => void} choose
 */
function step(mark, label, to, choose) {
  const button = createTool("switch", mark);
  button.setAttribute("aria-label", label);
  button.disabled = to === undefined;
  button.addEventListener("click", () => to !== undefined && choose(to));
  return button;
}
