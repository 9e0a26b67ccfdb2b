/** Goes along with the end of what is written while the reader is there; any intent to look back ends that at once. */

import { inMessages } from "./selection.js";

/** So close to the end counts as being there: fractions of pixels and rubber bands. */
const AT_END_PX = 12;
/** On the way down this is close enough: the text has grown meanwhile. */
const ALMOST_PX = 56;
/** Further than any end: scrolling there needs no measuring. */
const FAR_PX = 1e9;
const UP = new Set(["ArrowUp", "PageUp", "Home"]);
const DOWN = new Set(["ArrowDown", "PageDown", " "]);

/** Keeps one scroller at its end. */
export class EndKeeper {
  /** Whether it goes along. */
  attached = true;
  /** Whether the end is in view. */
  atEnd = true;
  /** @type {HTMLElement | null} */
  #scroller = null;
  #lastTop = 0;
  #touchY = 0;
  #changed;
  #sizes = new ResizeObserver(() => this.#resized());
  /** @type {AbortController | null} */
  #listening = null;

  /** @param {() => void} changed called when `attached` or `atEnd` has changed */
  constructor(changed) {
    this.#changed = changed;
  }

  /**
   * @param {HTMLElement} scroller
   * @param {Element} content what grows in it
   * @param {EventTarget} [source] who tells of its scrolling: of the page's own, the document
   */
  watch(scroller, content, source = scroller) {
    this.stop();
    this.#scroller = scroller;
    this.#listening = new AbortController();
    const { signal } = this.#listening;
    const passive = { signal, passive: true };
    for (const part of [scroller, content]) this.#sizes.observe(part);
    source.addEventListener("scroll", () => this.#scrolled(), passive);
    scroller.addEventListener("wheel", ({ deltaY, ctrlKey }) => !ctrlKey && this.#meant(deltaY), passive);
    scroller.addEventListener("touchstart", (event) => (this.#touchY = event.touches[0]?.clientY ?? 0), passive);
    scroller.addEventListener("touchmove", (event) => this.#dragged(event.touches[0]?.clientY ?? 0), passive);
    scroller.addEventListener("keydown", (event) => this.#keyed(event), { signal });
    document.addEventListener("selectionchange", () => this.#selected(), { signal });
  }

  stop() {
    this.#sizes.disconnect();
    this.#listening?.abort();
  }

  /** Goes to the end, and along with it from now on. */
  attach() {
    this.#set(true, true);
    this.#goToEnd();
  }

  /** Stays where it is. */
  release() {
    this.#set(false, this.atEnd);
  }

  /**
   * @param {boolean} attached
   * @param {boolean} atEnd
   */
  #set(attached, atEnd) {
    if (attached === this.attached && atEnd === this.atEnd) return;
    this.attached = attached;
    this.atEnd = atEnd;
    this.#changed();
  }

  /** Called after layout and before painting: measuring and scrolling cost no layout of their own here. */
  #resized() {
    if (this.attached) this.#goToEnd();
    else this.#set(false, this.#below() <= AT_END_PX);
  }

  #goToEnd() {
    if (!this.#scroller) return;
    this.#scroller.scrollTop = FAR_PX;
    this.#lastTop = this.#scroller.scrollTop;
  }

  /** @returns {number} how much is below the window, in CSS pixels */
  #below() {
    const scroller = this.#scroller;
    return scroller ? scroller.scrollHeight - scroller.clientHeight - scroller.scrollTop : 0;
  }

  /** Any way of scrolling ends here: scrollbar, keys, find in page. */
  #scrolled() {
    const top = this.#scroller?.scrollTop ?? 0;
    const below = this.#below();
    const atEnd = below <= AT_END_PX;
    // Upwards counts from the first pixel; but not where the end itself came up, because something has shrunk.
    if (top < this.#lastTop && below > 1) this.#set(false, atEnd);
    // The browser itself scrolls down when something above has grown: that takes nobody along who has selected words.
    else this.#set(this.attached || (below <= ALMOST_PX && top > this.#lastTop && !selecting()), atEnd);
    this.#lastTop = top;
  }

  /**
   * The intent counts, before anything has moved: otherwise a fast answer would pull the reader back.
   * @param {number} direction below 0 is up
   */
  #meant(direction) {
    if (direction < 0 && (this.#scroller?.scrollTop ?? 0) > 0) this.release();
    if (direction > 0 && !this.attached && this.#below() <= AT_END_PX) this.#set(true, true);
  }

  /** @param {number} y */
  #dragged(y) {
    if (Math.abs(y - this.#touchY) > 2) this.#meant(this.#touchY - y);
  }

  /** @param {KeyboardEvent} event */
  #keyed({ key, shiftKey, target }) {
    if (target instanceof HTMLTextAreaElement || target instanceof HTMLInputElement) return;
    if (key === "End") this.attach();
    else if (UP.has(key) || (key === " " && shiftKey)) this.#meant(-1);
    else if (DOWN.has(key)) this.#meant(1);
  }

  /** Selected words must not move away under the hand that selects them. */
  #selected() {
    if (this.attached && selecting()) this.release();
  }
}

/** @returns {boolean} whether words of the messages are selected */
function selecting() {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && inMessages(selection);
}
