/** The head of the chat: its name, the word that an AI answers, a menu, and a way to close where there is one. */

import { say } from "../say.js";
import { iconButton, make } from "./drawing.js";
import { Menu } from "./menu.js";

/** @import {Item} from "./menu.js" */

/** It. */
export class Head {
  #head;
  #tools = make("div", "embed-tools");
  #heading;
  /** @type {HTMLButtonElement | null} */
  #close = null;

  /**
   * @param {HTMLElement} head as the server wrote it
   * @param {() => readonly Item[]} items of the menu
   */
  constructor(head, items) {
    this.#head = head;
    this.#heading = head.querySelector("h1");
    this.menu = new Menu(say("More"), items);
    this.#tools.append(this.menu.element);
    head.append(this.#tools);
  }

  /** @param {() => void} pressed */
  addClose(pressed) {
    this.#close ??= iconButton("close", say("Close"), pressed);
    this.#tools.append(this.#close);
  }

  removeClose() {
    this.#close?.remove();
    this.#close = null;
  }

  /** @param {string} title */
  name(title) {
    if (this.#heading) this.#heading.textContent = title;
    document.title = title;
  }

  /** @param {string} words that an AI answers */
  disclose(words) {
    const line = this.#head.querySelector(".embed-disclosure") ?? make("p", "embed-disclosure");
    line.textContent = words;
    if (words) this.#heading?.after(line);
    else line.remove();
  }

  /** @param {string} name of the visitor, as the host page gives it: only to be read */
  greet(name) {
    this.#head.querySelector(".embed-visitor")?.remove();
    if (name) this.#heading?.parentElement?.append(Object.assign(make("p", "embed-visitor", name), { dir: "auto" }));
  }

  focus() {
    this.#heading?.focus();
  }
}
