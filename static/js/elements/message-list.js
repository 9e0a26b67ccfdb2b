/** `<message-list>`: the shown branch of the conversation, scrolled to its end while the reader is there. */

import { html, nothing, repeat } from "../../vendor/lit.js";
import { isAnswer } from "../objects.js";
import { historyFrom } from "../state/view.js";
import { attachedFiles } from "./attached-files.js";
import "./chat-answer.js";
import { downIcon } from "./icons.js";
import { LightElement } from "./light-element.js";

/** @import {Attachment} from "../objects.js" */
/** @import {Shown} from "../state/tree.js" */
/** @import {Waiting} from "../state/outbox.js" */

/** So close to the end counts as being there: fractions of pixels and rubber bands. */
const AT_END_PX = 12;

const HISTORY_MARK = html`<p class="history-mark"><span>The model no longer sees what is above</span></p>`;

/** The messages. */
export class MessageList extends LightElement {
  /** @override */
  static properties = {
    shown: { attribute: false },
    waiting: { attribute: false },
    requests: { attribute: false },
    busy: { attribute: false },
    offline: { attribute: false },
    view: { attribute: false },
    attached: { state: true },
  };

  constructor() {
    super();
    /** @type {readonly Shown[]} */
    this.shown = [];
    /** @type {readonly Waiting[]} questions the server has not taken yet */
    this.waiting = [];
    /** @type {readonly Waiting[]} all requests it has not taken yet */
    this.requests = [];
    this.busy = false;
    this.offline = false;
    this.view = "";
    /** Whether the list goes along with what is written. */
    this.attached = true;
    this.lastTop = 0;
    this.touchY = 0;
    this.sizes = new ResizeObserver(() => this.attached && this.goToEnd());
  }

  /** @override */
  render() {
    const seenFrom = historyFrom(this.shown);
    return html`
      <div class="scroller" @scroll=${this.scrolled} @wheel=${{ handleEvent: this.wheeled, passive: true }}
        @touchstart=${{ handleEvent: this.touched, passive: true }} @touchmove=${{ handleEvent: this.dragged, passive: true }}
        @keydown=${this.keyed} tabindex="0" role="region" aria-label="Messages">
        <div class="messages">
          ${repeat(this.shown, ({ message }) => message.id, (item, at) => [at > 0 && item.message.id === seenFrom ? HISTORY_MARK : nothing, this.message(item)])}
          ${repeat(this.waiting, ({ frame }) => frame.id, (item) => this.pending(item))}
        </div>
      </div>
      <button type="button" class="jump" ?hidden=${this.attached} @click=${this.jump}>${downIcon}<span>Jump to latest</span></button>
    `;
  }

  /** @param {Shown} item */
  message({ message, siblings }) {
    if (!isAnswer(message)) return question(message.id, message.text, message.attachments, null);
    const request = this.requests.find(({ frame }) => frame.type !== "ask" && frame.answer === message.id)?.frame.type;
    return html`<chat-answer data-answer=${message.id} data-status=${message.status} .answer=${message} .text=${message.text}
      .siblings=${siblings} .busy=${this.busy} .waiting=${request ?? null}></chat-answer>`;
  }

  /** @param {Waiting} item */
  pending({ frame, files = [] }) {
    if (frame.type !== "ask") return nothing;
    return question("", frame.text, files, this.offline ? "Waiting for the connection…" : "Sending…");
  }

  /** @override */
  firstUpdated() {
    for (const part of this.querySelectorAll(".scroller, .messages")) this.sizes.observe(part);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.sizes.disconnect();
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    const asked = changes.get("waiting");
    const askedMore = Array.isArray(asked) && asked.length < this.waiting.length;
    if (changes.has("view") || askedMore) this.attached = true;
  }

  /** @override */
  updated() {
    if (this.attached) this.goToEnd();
  }

  /** @returns {HTMLElement | null} */
  get scroller() {
    return this.querySelector(".scroller");
  }

  goToEnd() {
    const { scroller } = this;
    if (!scroller) return;
    scroller.scrollTop = scroller.scrollHeight;
    this.lastTop = scroller.scrollTop;
  }

  jump() {
    this.attached = true;
    this.goToEnd();
    this.scroller?.focus({ preventScroll: true });
  }

  /** Any way of scrolling up ends here: scrollbar, keys, find in page. */
  scrolled() {
    const { scroller } = this;
    if (!scroller) return;
    const top = scroller.scrollTop;
    const below = scroller.scrollHeight - scroller.clientHeight - top;
    if (below <= AT_END_PX) this.attached = true;
    else if (top < this.lastTop) this.attached = false;
    this.lastTop = top;
  }

  /** The intent counts, before anything has moved: otherwise a fast answer would pull the reader back. */
  release() {
    if ((this.scroller?.scrollTop ?? 0) > 0) this.attached = false;
  }

  /** @param {WheelEvent} event */
  wheeled = (event) => {
    if (event.deltaY < 0) this.release();
  };

  /** @param {TouchEvent} event */
  touched = (event) => {
    this.touchY = event.touches[0]?.clientY ?? 0;
  };

  /** @param {TouchEvent} event */
  dragged = (event) => {
    if ((event.touches[0]?.clientY ?? 0) > this.touchY + 2) this.release();
  };

  /** @param {KeyboardEvent} event */
  keyed({ key }) {
    if (key === "ArrowUp" || key === "PageUp" || key === "Home") this.release();
  }
}

/**
 * @param {string} id "" while the server has not given one
 * @param {string} text
 * @param {readonly Attachment[]} files
 * @param {string | null} state
 */
function question(id, text, files, state) {
  return html`<article class="question" data-message=${id || nothing} ?data-pending=${state !== null}>
    <h2 class="visually-hidden">You</h2>
    ${attachedFiles(files)}
    <p class="question-text" dir="auto">${text}</p>
    ${state === null ? nothing : html`<p class="question-state">${state}</p>`}
  </article>`;
}

customElements.define("message-list", MessageList);
