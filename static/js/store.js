/**
 * Holds the state and keeps it true: events go in, due frames go out, and once a frame the page is painted.
 *
 * Deltas wait in a buffer for the next animation frame, so that any number of them costs one parse and one paint.
 * A hidden tab gets no animation frames and so paints nothing until it is shown.
 */

import { due, reduce } from "./state.js";

/** @import {ClientFrame, DeltaFrame, HelloFrame, ServerFrame} from "./frames.js" */
/** @import {Event, State} from "./state.js" */

/** A hidden tab takes in its deltas at last when there are this many, to keep the buffer small. */
const MOST_BUFFERED = 1_000;

/** @typedef {(state: State, before: State) => void} Watcher */

/** The one place where the state changes. */
export class Store {
  /** @type {State} */
  #state;
  /** @type {DeltaFrame[]} */
  #deltas = [];
  /** @type {Watcher[]} */
  #watchers = [];
  #painting = false;
  /** @type {(frame: ClientFrame) => void} */
  send = () => {};
  /** @type {(state: State) => void} */
  paint = () => {};

  /** @param {State} state */
  constructor(state) {
    this.#state = state;
  }

  get state() {
    return this.#state;
  }

  /**
   * Calls back after every event that changed the state.
   * @param {Watcher} watcher
   */
  watch(watcher) {
    this.#watchers.push(watcher);
  }

  /** @param {Event} event */
  dispatch(event) {
    this.#takeDeltas();
    this.#apply(event);
  }

  /**
   * A frame from the server.
   * @param {Exclude<ServerFrame, HelloFrame>} frame
   */
  take(frame) {
    if (frame.type !== "delta") {
      this.dispatch({ type: "frame", frame });
      return;
    }
    this.#deltas.push(frame);
    if (this.#deltas.length >= MOST_BUFFERED) this.#takeDeltas();
    this.#schedule();
  }

  #takeDeltas() {
    if (!this.#deltas.length) return;
    const deltas = this.#deltas;
    this.#deltas = [];
    this.#apply({ type: "deltas", deltas });
  }

  /** @param {Event} event */
  #apply(event) {
    const before = this.#state;
    this.#state = reduce(before, event);
    for (const frame of due(this.#state)) {
      this.#state = reduce(this.#state, { type: "sent", frame });
      this.send(frame);
    }
    if (this.#state === before) return;
    for (const watcher of this.#watchers) watcher(this.#state, before);
    this.#schedule();
  }

  #schedule() {
    if (this.#painting) return;
    this.#painting = true;
    requestAnimationFrame(() => {
      this.#painting = false;
      this.#takeDeltas();
      this.paint(this.#state);
    });
  }
}
