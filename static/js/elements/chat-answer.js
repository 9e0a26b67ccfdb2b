/** `<chat-answer>`: one answer: its reasoning, its Markdown while it grows, and what stands below it. */

import { html, nothing } from "../../vendor/lit.js";
import { ending, reasoningLabel } from "../endings.js";
import { MarkdownStream, MarkdownView, missedNames } from "../markdown/index.js";
import { isAnswer } from "../objects.js";
import { say } from "../say.js";
import { answerHeight_px } from "../sizes.js";
import "./answer-reasoning.js";
import { answerClicked, finish, prepareMaths } from "./answer-tools.js";
import { LightElement } from "./light-element.js";

/** @import {Answer, Model} from "../objects.js" */
/** @import {Shown} from "../state/tree.js" */

/** An answer with so many headings, and longer than so many windows, has an outline. */
const OUTLINE_HEADINGS = 3;
const OUTLINE_WINDOWS = 2;
/**
 * The server sends a running answer's text about thirty times a second, a screen shows twice as many frames: what comes at
 * once and is longer than this is shown half in this frame and half in the next. In characters.
 */
const HALVED = 256;
/**
 * The first formula waits so long for what sets it, and the text behind it with it: what was shown already would move when
 * it is set later. In ms.
 */
const MATHS_MS = 2_000;

/** One answer. */
export class ChatAnswer extends LightElement {
  /** @override */
  static properties = {
    item: { attribute: false },
    busy: { attribute: false },
    near: { attribute: false },
    waiting: { attribute: false },
    models: { attribute: false },
    outlined: { state: true },
  };

  constructor() {
    super();
    /** @type {Shown | null} */
    this.item = null;
    /** Whether something runs in this conversation, so that nothing else may begin. */
    this.busy = false;
    /** Whether it is near enough to be seen soon; before that its Markdown is shown as it came. */
    this.near = false;
    /** @type {"again" | "continue" | null} what was asked of this answer and not acknowledged yet */
    this.waiting = null;
    /** @type {readonly Model[]} who can be asked instead */
    this.models = [];
    /** @type {readonly Element[]} the headings of a long answer */
    this.outlined = [];
    /** @type {MarkdownStream | null} */
    this.stream = null;
    /** What the stream was given so far. */
    this.read = "";
    /** So long is the part of the text that may wait no longer, in characters. */
    this.owed = 0;
    /** Whether the text waits for what sets formulas. */
    this.held = false;
    /** @type {MarkdownView | null} */
    this.view = null;
    this.tree = () => this.stream && this.stream.tree;
  }

  /** @returns {Answer | null} */
  get answer() {
    const message = this.item?.message;
    return message && isAnswer(message) ? message : null;
  }

  /** The answer's text as it came, before Markdown. */
  get text() {
    return this.answer?.text ?? "";
  }

  /** @override */
  render() {
    const { answer, near } = this;
    if (!answer) return nothing;
    const running = answer.status === "running";
    const silent = running && answer.text === "";
    const ended = near ? ending(answer) : null;
    return html`
      <h2 class="visually-hidden">${say("Answer")}</h2>
      ${answer.reasoning === "" || !near ? nothing : html`<answer-reasoning data-thinking=${silent} .text=${answer.reasoning} .label=${reasoningLabel(answer)}></answer-reasoning>`}
      ${silent && answer.reasoning === "" ? html`<p class="visually-hidden">${say("Thinking…")}</p>` : nothing}
      ${this.outlined.length ? html`<answer-outline .headings=${this.outlined}></answer-outline>` : nothing}
      <div class="markdown" dir="auto" @click=${answerClicked}></div>
      ${ended === null ? nothing : html`<p class="ending" data-kind=${answer.status}>${ended}</p>`}
      ${running || !near ? nothing : html`<answer-footer .answer=${answer} .siblings=${this.item?.siblings ?? []} .busy=${this.busy} .waiting=${this.waiting}
        .models=${this.models} .tree=${this.tree}></answer-footer>`}
    `;
  }

  /** Draws all of it at once. */
  draw() {
    this.near = true;
    this.performUpdate();
  }

  /** @override */
  firstUpdated() {
    this.style.setProperty("contain-intrinsic-block-size", `auto ${answerHeight_px(this.text)}px`);
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  updated(changes) {
    const status = this.answer?.status ?? "";
    if (this.dataset["status"] !== status) this.dataset["status"] = status;
    if (!changes.has("item") && !changes.has("near")) return;
    const container = this.querySelector(".markdown");
    if (!container) return;
    if (!this.near) {
      container.textContent = this.text;
      container.classList.add("unread");
      return;
    }
    if (this.view?.element !== container) {
      container.classList.remove("unread");
      container.textContent = "";
      this.view = new MarkdownView(container, { prefix: `${this.answer?.id ?? ""}-`, finish: { ...finish, formula: () => this.hold(prepareMaths()) } });
    }
    this.showText();
    if (status !== "running") this.outline(container);
  }

  /**
   * Gives the stream what is new in the text; another text, or one that goes on after its end, begins anew.
   * @returns {MarkdownStream}
   */
  readText() {
    const { text } = this;
    const goesOn = this.stream !== null && text.startsWith(this.read) && !(this.stream.ended && text.length > this.read.length);
    const stream = goesOn && this.stream ? this.stream : new MarkdownStream();
    const from = goesOn ? this.read.length : 0;
    const to = goesOn ? this.upTo(from) : text.length;
    // Behind a space it is a string of its own: a mere slice would keep this whole text alive, and every later one.
    stream.append(` ${text.slice(from, to)}`.slice(1));
    if (this.answer?.status !== "running") stream.end();
    this.stream = stream;
    this.read = text.slice(0, to);
    this.owed = text.length;
    if (to < text.length && !this.held) requestAnimationFrame(() => this.showRest());
    void missedNames()?.then((learned) => learned && this.readAgain());
    return stream;
  }

  /**
   * How much of the text is shown now: of a running answer no part waits for more than one frame, but for `held`.
   * @param {number} from so much is shown already
   * @returns {number} the length, in characters
   */
  upTo(from) {
    const { text, held, owed } = this;
    const { length } = text;
    const running = this.answer?.status === "running";
    if (held && running) return from;
    return running && length - from > HALVED ? Math.max(owed, text.indexOf(" ", (from + length) / 2) + 1 || length) : length;
  }

  /** @param {Promise<unknown> | null} ready what the text waits for */
  hold(ready) {
    if (!ready || this.held) return;
    this.held = true;
    const goOn = () => {
      this.held = false;
      this.showRest();
    };
    void ready.then(goOn);
    setTimeout(goOn, MATHS_MS);
  }

  /** Shows what waited for this frame. */
  showRest() {
    if (this.near && this.isConnected) this.showText();
  }

  showText() {
    const stream = this.readText();
    this.view?.show(stream.root, !stream.ended);
  }

  /** The text may read otherwise now: it named characters that were not known. */
  readAgain() {
    this.stream = null;
    this.requestUpdate("near");
  }

  /** @param {Element} container */
  outline(container) {
    const long = answerHeight_px(this.text) > OUTLINE_WINDOWS * innerHeight;
    const headings = long ? [...container.querySelectorAll("h3, h4, h5, h6")].filter((heading) => !heading.closest("blockquote, li")) : [];
    const outlined = headings.length >= OUTLINE_HEADINGS ? headings : [];
    this.classList.toggle("with-outline", outlined.length > 0);
    if (outlined.length) this.closest(".scroller")?.classList.add("with-outlines");
    if (outlined.length || this.outlined.length) this.outlined = outlined;
  }
}

customElements.define("chat-answer", ChatAnswer);
