/** One answer on the shared page: the chat's own rendering, in the place of the server's. */

import { finish } from "../elements/answer-tools.js";
import { MarkdownStream, MarkdownView, missedNames } from "../markdown/index.js";

/** @import {Finish} from "../markdown/patch.js" */
/** @import {Answer} from "../objects.js" */

/** An answer's Markdown, which may grow. */
export class Growing {
  #container;
  #prefix;
  #finish;
  /** @type {MarkdownStream | null} */
  #stream = null;
  /** @type {MarkdownView | null} */
  #view = null;
  /** What the stream was given so far. */
  #read = "";

  /**
   * @param {HTMLElement} container what the server wrote there gives way
   * @param {string} prefix of the ids in it
   * @param {Finish} [more] what is done otherwise here than in the chat
   */
  constructor(container, prefix, more = {}) {
    this.#container = container;
    this.#prefix = prefix;
    this.#finish = { ...finish, ...more };
  }

  /** @param {Answer} answer as it is now */
  show(answer) {
    const stream = this.#grown(answer);
    if (!this.#view) {
      this.#container.textContent = "";
      this.#view = new MarkdownView(this.#container, { prefix: this.#prefix, finish: this.#finish });
    }
    this.#view.show(stream.root, !stream.ended);
    void missedNames()?.then((learned) => {
      if (!learned) return;
      this.#stream = null;
      this.show(answer);
    });
  }

  /**
   * @param {Answer} answer
   * @returns {MarkdownStream} with all of its text; a text that does not go on begins anew
   */
  #grown({ text, status }) {
    const goesOn = this.#stream !== null && text.startsWith(this.#read) && !(this.#stream.ended && text.length > this.#read.length);
    const stream = goesOn && this.#stream ? this.#stream : new MarkdownStream();
    stream.append(text.slice(goesOn ? this.#read.length : 0));
    if (status !== "running") stream.end();
    this.#stream = stream;
    this.#read = text;
    return stream;
  }
}
