/** `<chat-answer>` as the frame has it: the chat's own Markdown, how it ended, and the few things one can do about it. */

import { copyWithNotice } from "../elements/clipboard.js";
import { ending } from "../endings.js";
import { remedy } from "../facts.js";
import { plainText } from "../plain-text.js";
import { MarkdownStream } from "../markdown/index.js";
import { say } from "../say.js";
import { Growing } from "../shared/growing.js";
import { showReasoning, showVersions } from "../shared/parts.js";
import { make, quietButton } from "./drawing.js";

/** @import {PictureLinkNode} from "../markdown/nodes.js" */
/** @import {Answer} from "../objects.js" */
/** @import {Shown} from "../state/tree.js" */

/**
 * @typedef {object} Acts what the buttons below an answer do
 * @property {(type: "again" | "continue", answer: string) => void} redo
 * @property {(message: string) => void} choose
 */

/** One answer. */
export class EmbedAnswer extends HTMLElement {
  /** @type {Answer | null} */
  answer = null;
  /** @type {Growing | null} */
  #growing = null;
  #foot = make("div", "answer-actions");
  /** What the buttons were made for. */
  #made = "";
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #clock;

  /** The answer's text as it came, before Markdown. */
  get text() {
    return this.answer?.text ?? "";
  }

  /**
   * @param {Shown} item
   * @param {Answer} answer
   * @param {{acts: Acts, last: boolean, busy: boolean}} around `last`: whether it is the newest; `busy`: whether something runs
   */
  show(item, answer, { acts, last, busy }) {
    if (!this.#growing) this.#build(answer);
    if (this.answer !== answer) {
      this.answer = answer;
      this.dataset["status"] = answer.status;
      this.#growing?.show(answer);
      showReasoning(this, answer);
      this.#showEnding(answer);
    }
    this.#showFoot(item, answer, { acts, last, busy });
  }

  disconnectedCallback() {
    clearTimeout(this.#clock);
  }

  /** @param {Answer} answer */
  #build(answer) {
    this.dataset["message"] = this.dataset["answer"] = answer.id;
    this.className = "answer";
    const text = make("div", "markdown");
    text.dir = "auto";
    const heading = make("h2", "visually-hidden", say("Answer"));
    this.append(heading, text, make("header", "message-head"), this.#foot);
    this.#growing = new Growing(text, `${answer.id}-`, { picture: pictureLink });
  }

  /** @param {Answer} answer */
  #showEnding(answer) {
    const words = ending(answer);
    this.querySelector(":scope > .ending")?.remove();
    if (words === null) return;
    const line = make("p", "ending", words);
    line.dataset["kind"] = answer.status;
    this.querySelector(":scope > .markdown")?.after(line);
  }

  /**
   * @param {Shown} item
   * @param {Answer} answer
   * @param {{acts: Acts, last: boolean, busy: boolean}} around
   */
  #showFoot(item, answer, { acts, last, busy }) {
    const cure = last ? remedy(answer, Date.now()) : null;
    const wait_s = cure?.wait_s ?? 0;
    clearTimeout(this.#clock);
    if (wait_s > 0) this.#clock = setTimeout(() => this.#showFoot(item, answer, { acts, last, busy }), 1_000);
    const made = JSON.stringify([answer.status, cure, last, busy, item.siblings]);
    if (made === this.#made) return;
    this.#made = made;
    showVersions(this, item, acts.choose);
    this.#foot.replaceChildren();
    if (answer.status === "running") return;
    const wanted = cure?.what ?? (last ? "again" : null);
    if (answer.text) this.#foot.append(quietButton("copy", say("Copy"), (button) => void copyWithNotice(button, plainText(treeOf(answer)))));
    if (!wanted) return;
    const label = cure?.label ?? say("Again");
    const words = wait_s > 0 ? say("{what} in {seconds} s", { what: label, seconds: wait_s }) : label;
    const button = quietButton(wanted, words, () => acts.redo(wanted, answer.id));
    button.dataset["action"] = wanted;
    button.disabled = busy || wait_s > 0;
    this.#foot.append(button);
  }
}

/**
 * A picture on another host would tell that host who reads this, and could carry words away in its address: it stays a link.
 * @param {PictureLinkNode} picture
 */
function pictureLink({ href, host, alt }) {
  const link = make("a", "picture-link", alt ? say("Picture “{name}” on {host}", { name: alt, host }) : say("Picture on {host}", { host }));
  link.href = href;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow ugc";
  return link;
}

/** @param {Answer} answer */
function treeOf({ text }) {
  const stream = new MarkdownStream();
  stream.append(text);
  stream.end();
  return stream.tree;
}

customElements.define("chat-answer", EmbedAnswer);
