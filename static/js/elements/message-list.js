/** `<message-list>`: the shown branch of the conversation, scrolled to its end while the reader is there. */

import { html, nothing, repeat } from "../../vendor/lit.js";
import { NEW_DEVICE } from "../device.js";
import { isAnswer } from "../objects.js";
import { say } from "../say.js";
import { answerHeight_px, questionHeight_px } from "../sizes.js";
import { historyFrom } from "../state/view.js";
import { attachedFiles } from "./attached-files.js";
import { ChatAnswer } from "./chat-answer.js";
import { ChatQuestion } from "./chat-question.js";
import { downIcon } from "./icons.js";
import { EndKeeper } from "./keep-at-end.js";
import { LightElement } from "./light-element.js";
import { Nearness } from "./nearness.js";

/** @import {Device} from "../device.js" */
/** @import {Model} from "../objects.js" */
/** @import {Shown} from "../state/tree.js" */
/** @import {Waiting} from "../state/outbox.js" */
/** @import {FoundBar} from "./found-bar.js" */

/** So many messages from the end on are drawn at once when a conversation is opened. */
const FIRST = 16;

const ROOM = "contain-intrinsic-block-size";
/** Messages in a group. Only the groups in sight are laid out; the browser's work for each frame grows with their number. */
const GROUP = 12;

const HISTORY_MARK = html`<p class="history-mark"><span>${say("The model no longer sees what is above")}</span></p>`;

/** The messages. */
export class MessageList extends LightElement {
  /** @override */
  static properties = {
    editing: { attribute: false },
    edited: { attribute: false, hasChanged: () => false },
    models: { attribute: false },
    device: { attribute: false },
    query: { attribute: false },
    shown: { attribute: false },
    waiting: { attribute: false },
    requests: { attribute: false },
    busy: { attribute: false },
    offline: { attribute: false },
    view: { attribute: false },
    jump: { state: true },
  };

  constructor() {
    super();
    /** @type {string | null} the question that is being rewritten */
    this.editing = null;
    /** Its new words, for when its field appears: no key that is typed there draws the list again. */
    this.edited = "";
    /** @type {readonly Model[]}  */
    this.models = [];
    /** @type {Device}  */
    this.device = NEW_DEVICE;
    /** @type {string} what was searched for in all conversations; found words are marked */
    this.query = "";
    /** @type {readonly Shown[]} */
    this.shown = [];
    /** @type {readonly Waiting[]} questions the server has not taken yet */
    this.waiting = [];
    /** @type {readonly Waiting[]} all requests it has not taken yet */
    this.requests = [];
    this.busy = false;
    this.offline = false;
    this.view = "";
    /** @type {"" | "latest" | "news"} what the button at the end leads to */
    this.jump = "";
    this.keeper = new EndKeeper(() => this.moved());
    this.nearness = new Nearness(() => this.bar?.refresh());
    /** @type {(ChatAnswer | ChatQuestion)[]} one for each of `shown` */
    this.drawn = [];
  }

  /** @override */
  render() {
    const seenFrom = historyFrom(this.shown);
    return html`
      <found-bar .query=${this.query} .view=${this.view} @found-step=${() => this.keeper.release()}></found-bar>
      <div class="scroller" tabindex="0" role="region" aria-label=${say("Messages")} @message-delete=${this.toScroller}>
        <div class="messages" data-wrap=${this.device.wrap_code}>
          ${groupsOf(this.shown).map((items, at, { length }) => html`<div class="message-group" data-recent=${at >= length - 2}>${repeat(items, ({ message }) => message.id,
            (item) => [item.message.id === seenFrom && item !== this.shown[0] ? HISTORY_MARK : nothing, this.message(item)])}</div>`)}
          ${repeat(this.waiting, ({ frame }) => frame.id, (item) => this.pending(item))}
        </div>
      </div>
      <button type="button" class="jump" ?hidden=${this.jump === ""} @click=${this.toEnd}>${downIcon}<span>${this.jump === "news" ? say("New text below") : say("Jump to latest")}</span></button>
      <selection-quote></selection-quote>
    `;
  }

  /** @param {Shown} item */
  message(item) {
    const { message } = item;
    if (!isAnswer(message)) {
      return html`<chat-question class="question" role="article" data-message=${message.id} .item=${item} .busy=${this.busy} .editing=${this.editing === message.id}
        .edited=${this.edited} .device=${this.device}></chat-question>`;
    }
    const request = this.requests.find(({ frame }) => frame.type !== "ask" && frame.answer === message.id)?.frame.type;
    return html`<chat-answer role="article" data-answer=${message.id} .item=${item} .busy=${this.busy} .waiting=${request ?? null} .models=${this.models}></chat-answer>`;
  }

  /** @param {Waiting} item */
  pending({ frame, files = [] }) {
    if (frame.type !== "ask") return nothing;
    return html`<article class="question" data-pending>
      <h2 class="visually-hidden">${say("You")}</h2>
      ${attachedFiles(files)}
      <p class="question-text" dir="auto">${frame.text}</p>
      <p class="question-state">${this.offline ? say("Waiting for the connection…") : say("Sending…")}</p>
    </article>`;
  }

  /**
   * While an answer grows, only its own element is given anything: the list itself is not drawn again.
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  shouldUpdate(changes) {
    const before = changes.get("shown");
    if (changes.size !== 1 || !Array.isArray(before) || this.jump === "latest" || !this.grewOnly(before)) return true;
    this.shown.forEach((item, at) => {
      const element = this.drawn[at];
      if (element && item !== before[at]) element.item = item;
    });
    this.bar?.refresh();
    return false;
  }

  /**
   * @param {readonly Shown[]} before
   * @returns {boolean} whether the same messages are shown, some with another text
   */
  grewOnly(before) {
    const { shown } = this;
    const same = (/** @type {Shown} */ item, /** @type {number} */ at) => {
      const old = before[at];
      return old === item || (old !== undefined && old.message.id === item.message.id && old.siblings === item.siblings);
    };
    return before.length === shown.length && this.drawn.length === shown.length && shown.every(same) && historyFrom(before) === historyFrom(shown);
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    const asked = changes.get("waiting");
    const askedMore = Array.isArray(asked) && asked.length < this.waiting.length;
    if (changes.has("view") || askedMore) {
      this.keeper.attached = true;
      this.jump = "";
    } else if (changes.has("editing") && this.editing !== null) this.keeper.release();
    // Something was added where the reader is not.
    if (changes.has("shown") && this.jump === "latest") this.jump = "news";
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  updated(changes) {
    const { scroller } = this;
    const content = scroller?.firstElementChild;
    if (!scroller || !content) return;
    if (changes.has("shown")) this.drawNear(scroller, content);
    if (changes.has("view")) {
      this.keeper.watch(scroller, content);
      this.keeper.attach();
    }
    if (changes.get("editing") && this.editing === null && this.waiting.length) void this.toScroller();
  }

  /**
   * @param {HTMLElement} scroller
   * @param {Element} content
   */
  drawNear(scroller, content) {
    const known = new Set(this.drawn);
    this.drawn = [...content.querySelectorAll("chat-answer, chat-question")].filter((child) => child instanceof ChatAnswer || child instanceof ChatQuestion);
    content.querySelectorAll(".message-group").forEach((group, at) => this.giveRoom(group, at));
    const fresh = this.drawn.filter((message) => !known.has(message));
    for (const message of this.drawn.slice(-FIRST)) message.near = true;
    this.nearness.watch(scroller, fresh.filter((message) => !message.near));
    this.bar?.refresh();
  }

  /**
   * Guesses the room of a group that nobody has seen yet.
   * @param {Element} group
   * @param {number} at
   */
  giveRoom(group, at) {
    if (!(group instanceof HTMLElement) || group.style.getPropertyValue(ROOM)) return;
    const items = this.shown.slice(at * GROUP, (at + 1) * GROUP);
    const height_px = items.reduce((sum, { message }) => sum + (isAnswer(message) ? answerHeight_px(message.text) : questionHeight_px(message.text)), 0);
    group.style.setProperty(ROOM, `auto ${height_px}px`);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.keeper.stop();
    this.nearness.stop();
  }

  /** @returns {HTMLElement | null} */
  get scroller() {
    return this.querySelector(".scroller");
  }

  /** @returns {FoundBar | null} null before its script is there */
  get bar() {
    return this.querySelector("found-bar:defined");
  }

  /** The reader has gone from the end, or come back to it. */
  moved() {
    const { attached, atEnd } = this.keeper;
    if (attached || atEnd) this.jump = "";
    else if (this.jump === "") this.jump = "latest";
  }

  toEnd() {
    this.keeper.attach();
    this.toScroller();
  }

  /** What has the focus will go: it stays among the messages. */
  async toScroller() {
    await this.updateComplete;
    await new Promise(requestAnimationFrame);
    this.scroller?.focus({ preventScroll: true });
  }
}

/**
 * @param {readonly Shown[]} shown
 * @returns {(readonly Shown[])[]}
 */
function groupsOf(shown) {
  return Array.from({ length: Math.ceil(shown.length / GROUP) }, (_, at) => shown.slice(at * GROUP, (at + 1) * GROUP));
}

customElements.define("message-list", MessageList);
