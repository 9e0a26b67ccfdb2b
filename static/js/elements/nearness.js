/** Draws messages when they come near the window, and the rest when the browser has nothing else to do. */

import { inIdle } from "../idle.js";

/**
 * @typedef {Element & {near: boolean, draw: () => void}} Drawable `draw` draws all of it at once
 */

/** How far from the window is near. */
const MARGIN = "120% 0px";
/** What drawing may take of a frame. */
const FRAME_MS = 7;

/** Watches the messages of one scroller. */
export class Nearness {
  /** @type {IntersectionObserver | null} */
  #sight = null;
  /** Those not drawn yet, in the order they stand in. @type {Set<Drawable>} */
  #waiting = new Set();
  /** Those that have come near. @type {Set<Drawable>} */
  #due = new Set();
  #drawing = false;
  #idle = false;
  #drawn;

  /** @param {() => void} drawn called when a message has been drawn, and so has other nodes than before */
  constructor(drawn) {
    this.#drawn = drawn;
  }

  /**
   * @param {Element} scroller
   * @param {Iterable<Drawable>} messages those not drawn yet
   */
  watch(scroller, messages) {
    this.#sight ??= new IntersectionObserver((entries) => this.#seen(entries), { root: scroller, rootMargin: MARGIN });
    for (const message of messages) {
      this.#waiting.add(message);
      this.#sight.observe(message);
    }
    this.#goOn();
  }

  stop() {
    this.#sight?.disconnect();
    this.#sight = null;
    this.#waiting.clear();
    this.#due.clear();
  }

  /** @param {readonly IntersectionObserverEntry[]} entries */
  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const message = /** @type {Drawable} */ (target);
      if (isIntersecting && this.#waiting.has(message)) this.#due.add(message);
      else this.#due.delete(message);
    }
    if (!this.#due.size || this.#drawing) return;
    this.#drawing = true;
    requestAnimationFrame(() => this.#drawDue());
  }

  #drawDue() {
    const end = performance.now() + FRAME_MS;
    for (const message of this.#due) {
      this.#draw(message);
      if (performance.now() > end) break;
    }
    this.#drawing = this.#due.size > 0;
    if (this.#drawing) requestAnimationFrame(() => this.#drawDue());
  }

  /** @param {Drawable} message */
  #draw(message) {
    this.#due.delete(message);
    this.#waiting.delete(message);
    this.#sight?.unobserve(message);
    if (!message.isConnected) return;
    message.draw();
    this.#drawn();
  }

  #goOn() {
    if (this.#idle || !this.#waiting.size) return;
    this.#idle = true;
    const work = async (/** @type {number} */ ms) => {
      const end = performance.now() + ms;
      // From the end upwards: that is the way the reader goes.
      for (const message of [...this.#waiting].reverse()) {
        if (performance.now() > end) break;
        this.#draw(message);
        await null; // what it holds is drawn in a microtask, and counts as well
      }
      this.#idle = false;
      this.#goOn();
    };
    inIdle((ms) => void work(ms));
  }
}
