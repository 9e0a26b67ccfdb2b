/** The messages: the greeting and the questions to begin with, which the server wrote, and below them the conversation. */

import { answerClicked } from "../elements/answer-tools.js";
import { isAnswer } from "../objects.js";
import { say } from "../say.js";
import { EmbedAnswer } from "./answer.js";
import { make } from "./drawing.js";

/** @import {Acts} from "./answer.js" */
/** @import {Message} from "../objects.js" */
/** @import {Waiting} from "../state/outbox.js" */
/** @import {Shown} from "../state/tree.js" */

/** The list of them. */
export class Log {
  /** @type {Map<string, HTMLElement>} by message id */
  #elements = new Map();
  #acts;
  #content = make("div", "messages");

  /**
   * @param {HTMLElement} list as the server wrote it
   * @param {Acts & {ask: (text: string) => void}} acts
   */
  constructor(list, acts) {
    this.list = list;
    this.#acts = acts;
    this.#content.append(...list.childNodes);
    list.append(this.#content);
    // What grows is told by a line of its own; read out piece by piece nobody could follow it.
    list.setAttribute("aria-live", "off");
    list.addEventListener("click", (event) => this.#clicked(event));
  }

  /** What grows, without the window on it. */
  get content() {
    return this.#content;
  }

  /** What stands at the beginning now. */
  get greeting() {
    return this.#content.querySelector(".greeting .markdown")?.textContent ?? "";
  }

  get starters() {
    return [...this.#content.querySelectorAll(".embed-starters button")].map(({ textContent }) => textContent);
  }

  /**
   * @param {readonly Shown[]} shown from the first to the last
   * @param {readonly Waiting[]} waiting questions that the server has not taken yet
   * @param {boolean} busy
   */
  show(shown, waiting, busy) {
    const starters = this.#content.querySelector(".embed-starters");
    if (starters instanceof HTMLElement) starters.hidden = shown.length + waiting.length > 0;
    const wanted = [...shown.map((item, at) => this.#shown(item, at === shown.length - 1, busy)), ...waiting.map(({ frame }) => this.#waiting(frame))];
    const stay = new Set(wanted);
    for (const [id, element] of this.#elements) {
      if (stay.has(element)) continue;
      element.remove();
      this.#elements.delete(id);
    }
    for (const element of wanted) if (!element.isConnected) this.#place(element, wanted);
  }

  /**
   * @param {string} greeting "" takes it away
   * @param {readonly string[]} starters
   */
  begin(greeting, starters) {
    this.#content.querySelector(".greeting")?.remove();
    this.#content.querySelector(".embed-starters")?.remove();
    const buttons = starters.map((starter) => make("li", "", Object.assign(make("button", "", starter), { type: "button", dir: "auto" })));
    if (starters.length) {
      const list = make("ul", "embed-starters", ...buttons);
      list.hidden = this.#elements.size > 0;
      this.#content.prepend(list);
    }
    if (greeting) this.#content.prepend(make("article", "answer greeting", Object.assign(make("div", "markdown", greeting), { dir: "auto" })));
  }

  /**
   * @param {HTMLElement} element
   * @param {readonly HTMLElement[]} order
   */
  #place(element, order) {
    const before = order[order.indexOf(element) - 1];
    if (before) before.after(element);
    else if (this.#elements.size > 1) [...this.#elements.values()].find(({ isConnected }) => isConnected)?.before(element);
    if (!element.isConnected) this.#content.append(element);
  }

  /**
   * @param {Shown} item
   * @param {boolean} last
   * @param {boolean} busy
   */
  #shown(item, last, busy) {
    const { message } = item;
    if (!isAnswer(message)) return this.#question(message);
    const known = this.#elements.get(message.id);
    const element = known instanceof EmbedAnswer ? known : new EmbedAnswer();
    this.#elements.set(message.id, element);
    element.show(item, message, { acts: this.#acts, last, busy });
    return element;
  }

  /** @param {Pick<Message, "id" | "text">} message */
  #question({ id, text }) {
    const known = this.#elements.get(id);
    if (known) return known;
    const words = Object.assign(make("p", "question-text", text), { dir: "auto" });
    const element = make("article", "question", make("h2", "visually-hidden", say("You")), words);
    element.dataset["message"] = id;
    this.#elements.set(id, element);
    return element;
  }

  /** @param {Waiting["frame"]} frame */
  #waiting(frame) {
    const element = this.#question({ id: frame.id, text: frame.type === "ask" ? frame.text : "" });
    element.dataset["pending"] = "";
    return element;
  }

  /** @param {MouseEvent} event */
  #clicked(event) {
    const { target } = event;
    if (!(target instanceof Element)) return;
    const starter = target.closest(".embed-starters button");
    if (starter) this.#acts.ask(starter.textContent);
    else answerClicked(event);
  }
}
