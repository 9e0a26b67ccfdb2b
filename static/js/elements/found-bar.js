/** `<found-bar>`: marks what was searched for in the messages, without touching them, and leads from one place to the next. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { holdsAll, placesOf, wordsOf } from "../words.js";
import { closeIcon, nextIcon, previousIcon } from "./icons.js";
import { LightElement } from "./light-element.js";

const ALL = "found";
const CURRENT = "found-here";
/** Messages that change are marked again after a pause. */
const PAUSE_MS = 250;
/** More places than this are not marked. */
const MOST = 1_000;

/** Browsers without highlights show no marks; everything else works. */
const canMark = typeof Highlight === "function" && "highlights" in CSS;

/** The bar. */
export class FoundBar extends LightElement {
  /** @override */
  static properties = {
    query: { attribute: false },
    view: { attribute: false },
    count: { state: true },
    at: { state: true },
    closed: { state: true },
  };

  constructor() {
    super();
    /** What is searched for; "" is nothing. */
    this.query = "";
    /** The conversation in view. */
    this.view = "";
    /** @type {Range[]} */
    this.ranges = [];
    this.count = 0;
    /** Which of them the reader is at; -1 before the first. */
    this.at = -1;
    /** Whether the reader has had enough of it, for this query. */
    this.closed = false;
    /** Whether the first place is still to be shown: a search has led here. */
    this.arriving = true;
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.pause = undefined;
  }

  /** @override */
  render() {
    if (!this.query || this.closed || this.count === 0 || !canMark) return nothing;
    return html`<div class="found-bar" role="group" aria-label=${say("“{query}” in this conversation", { query: this.query })} @keydown=${this.keyed}>
      <span role="status">${this.place()}</span>
      <button type="button" class="quiet-button" aria-label=${say("Previous place")} ?disabled=${this.count < 2} @click=${() => this.step(-1)}>${previousIcon}</button>
      <button type="button" class="quiet-button" aria-label=${say("Next place")} ?disabled=${this.count < 2} @click=${() => this.step(1)}>${nextIcon}</button>
      <button type="button" class="quiet-button" aria-label=${say("End marking")} @click=${this.end}>${closeIcon}</button>
    </div>`;
  }

  /** @returns {string} which of how many places is shown */
  place() {
    const count = this.count === MOST ? `${MOST}+` : String(this.count);
    return this.at < 0 ? count : say("{number} of {count}", { number: this.at + 1, count });
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    if (changes.has("query")) this.closed = false;
    if (changes.has("view")) this.arriving = true;
    if (changes.has("query") || changes.has("view")) this.at = -1;
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  updated(changes) {
    this.parentElement?.toggleAttribute("data-found", this.firstElementChild !== null);
    if (changes.has("query") || changes.has("view")) this.refresh(0);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.pause);
    this.ranges = [];
    this.show();
  }

  /** The messages have changed. @param {number} [pause_ms] */
  refresh(pause_ms = PAUSE_MS) {
    if (!canMark || (!this.query && !this.ranges.length)) return;
    clearTimeout(this.pause);
    this.pause = setTimeout(() => this.mark(), pause_ms);
  }

  mark() {
    const words = this.closed ? [] : wordsOf(this.query);
    const list = this.parentElement;
    const { ranges, first } = words.length && list ? rangesIn(list, words) : { ranges: [], first: -1 };
    this.ranges = ranges;
    this.count = ranges.length;
    if (this.at >= this.count) this.at = this.count - 1;
    if (this.arriving && first >= 0) this.go(first);
    else this.show();
    this.arriving = this.arriving && list?.querySelector("[data-message]") === null;
  }

  show() {
    if (!canMark) return;
    const here = this.ranges[this.at];
    if (this.ranges.length) CSS.highlights.set(ALL, new Highlight(...this.ranges));
    else CSS.highlights.delete(ALL);
    if (here) CSS.highlights.set(CURRENT, new Highlight(here));
    else CSS.highlights.delete(CURRENT);
  }

  /** @param {number} by */
  step(by) {
    if (this.count) this.go(this.at < 0 ? (by > 0 ? 0 : this.count - 1) : (this.at + by + this.count) % this.count);
  }

  /** @param {number} at */
  go(at) {
    this.at = at;
    this.arriving = false;
    this.dispatchEvent(new CustomEvent("found-step", { bubbles: true }));
    const host = messageOf(this.ranges[at]);
    if (host && "near" in host && host.near === false) {
      /** @type {import("./nearness.js").Drawable} */ (host).draw();
      this.mark(); // it has other text nodes now
    }
    this.ranges[at]?.startContainer.parentElement?.scrollIntoView({ block: "center" });
    this.show();
  }

  end() {
    const scroller = this.parentElement?.querySelector(".scroller");
    // The bar goes, and the focus would be lost with it.
    if (scroller instanceof HTMLElement && this.contains(document.activeElement)) scroller.focus({ preventScroll: true });
    this.closed = true;
    this.mark();
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.key !== "Escape") return;
    event.stopPropagation();
    this.end();
  }
}

/** @param {Range | undefined} range */
const messageOf = (range) => range?.startContainer.parentElement?.closest("chat-question, chat-answer") ?? null;

/**
 * @param {Element} list
 * @param {readonly string[]} words
 * @returns {{ranges: Range[], first: number}} `first`: the first in a message that has all the words; -1 when none has
 */
function rangesIn(list, words) {
  /** @type {Range[]} */
  const ranges = [];
  let first = -1;
  for (const part of list.querySelectorAll(".question-text, .markdown")) {
    const text = part.textContent ?? "";
    if (ranges.length >= MOST) break;
    if (!words.some((word) => holdsAll(text, [word]))) continue;
    if (first < 0 && holdsAll(text, words)) first = ranges.length;
    ranges.push(...rangesOf(part, placesOf(text, words).slice(0, MOST - ranges.length)));
  }
  return { ranges, first };
}

/**
 * @param {Element} part
 * @param {readonly (readonly [number, number])[]} places in its text, in their order
 * @returns {Range[]}
 */
function rangesOf(part, places) {
  const walker = document.createTreeWalker(part, NodeFilter.SHOW_TEXT);
  let node = walker.nextNode();
  let begin = 0;
  const reach = (/** @type {number} */ offset) => {
    while (node && begin + (node.nodeValue ?? "").length < offset) {
      begin += (node.nodeValue ?? "").length;
      node = walker.nextNode();
    }
    return node ? { node, offset: offset - begin } : null;
  };
  return places.flatMap(([start, end]) => {
    const from = reach(start);
    const to = reach(end);
    if (!from || !to) return [];
    const range = document.createRange();
    range.setStart(from.node, from.offset);
    range.setEnd(to.node, to.offset);
    return [range];
  });
}

customElements.define("found-bar", FoundBar);
