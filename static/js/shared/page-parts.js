/** What the script finds on the shared page around the messages, and what it adds there. */

import { say } from "../say.js";
import { element } from "./new-article.js";

/** @import {Shown} from "../state/tree.js" */

/** Characters of a question in the table of questions. */
const LINE = 120;

/**
 * @param {HTMLElement} page
 * @returns {{list: HTMLElement, say: (kind: string, words: string) => void, tell: (words: string) => void, title: (words: string) => void, questions: (shown: readonly Shown[]) => void}} `say`
 *   writes the line that tells whether the page follows; `tell` is for ears only
 */
export function listOf(page) {
  const list = found(page, ".messages", "div");
  const line = found(page, ".shared-state", "p");
  const heading = page.querySelector("h1");
  const told = element("p", "visually-hidden");
  told.setAttribute("role", "status");
  page.append(told);
  return {
    list,
    say: (kind, words) => {
      if (line.textContent === words) return;
      line.dataset["kind"] = kind;
      line.textContent = words;
    },
    tell: (words) => (told.textContent = words),
    questions: (shown) => listQuestions(page, shown),
    title: (words) => {
      if (heading && words && heading.textContent !== words) heading.textContent = words;
    },
  };
}

/**
 * Brings the table of questions up to date, where there is one.
 * @param {HTMLElement} page
 * @param {readonly Shown[]} shown
 */
function listQuestions(page, shown) {
  const list = page.querySelector(".shared-questions ol");
  if (!list) return;
  const asked = shown.map(({ message }) => message).filter(({ role }) => role === "user");
  const known = [...list.querySelectorAll("a")].map((link) => link.hash);
  if (known.join() === asked.map(({ id }) => `#m-${id}`).join()) return;
  list.replaceChildren(...asked.map(({ id, text }) => {
    const link = document.createElement("a");
    link.href = `#m-${id}`;
    link.dir = "auto";
    link.textContent = text.trim().split("\n")[0]?.slice(0, LINE) || say("Question");
    const item = document.createElement("li");
    item.append(link);
    return item;
  }));
}

/**
 * @param {HTMLElement} page
 * @param {string} selector
 * @param {"div" | "p"} otherwise what is made when there is none
 * @returns {HTMLElement}
 */
function found(page, selector, otherwise) {
  const there = page.querySelector(selector);
  if (there instanceof HTMLElement) return there;
  const made = document.createElement(otherwise);
  page.append(made);
  return made;
}

/**
 * @param {HTMLElement} page
 * @param {() => void} pressed
 * @returns {HTMLButtonElement} hidden until the reader has left the end of what is being written
 */
export function jumpButton(page, pressed) {
  const button = element("button", "jump");
  button.type = "button";
  button.hidden = true;
  button.textContent = say("Jump to latest");
  button.addEventListener("click", pressed);
  page.append(button);
  return button;
}
