/**
 * The same operations as the WebSocket, over plain HTTP, with the same frames as results: the rest of the page
 * cannot tell the difference. Following is one `EventSource` for each answer.
 */

import { ApiError, eventsPath, sendRequest, stopAnswer } from "./api.js";
import { parseServerFrame } from "./frames.js";

/** @import {ClientFrame, HelloFrame, RequestFrame, ServerFrame} from "./frames.js" */

/**
 * @typedef {object} HttpEvents
 * @property {(frame: Exclude<ServerFrame, HelloFrame>) => void} onFrame
 * @property {(answer: string) => void} onUnfollowed an answer's events ended without its end
 * @property {() => void} onLost the server cannot be reached
 */

/** The server said no to an answer's events: it is asked again after this long, not at once. */
const REFUSED_MS = 2_000;

/** A connection made of single requests. */
export class HttpLink {
  /** @type {Map<string, EventSource>} */
  #sources = new Map();
  #open = true;
  /** @type {HttpEvents} */
  #events;
  #pathOf;

  /**
   * @param {HttpEvents} events
   * @param {typeof eventsPath} [pathOf] where an answer's events are
   */
  constructor(events, pathOf = eventsPath) {
    this.#events = events;
    this.#pathOf = pathOf;
  }

  /** @param {ClientFrame} frame */
  send(frame) {
    if (frame.type === "follow") this.#follow(frame.answer, frame.offset, frame.reasoning_offset);
    else if (frame.type === "unfollow") this.#unfollow(frame.answer);
    else if (frame.type === "stop") void this.#stop(frame.answer);
    else void this.#request(frame);
  }

  /** Ends it quietly. */
  close() {
    this.#open = false;
    for (const source of this.#sources.values()) source.close();
    this.#sources.clear();
  }

  /** @param {RequestFrame} frame */
  async #request(frame) {
    try {
      const started = await sendRequest(frame);
      if (!this.#open) return; // the next connection sends it again, under the same id
      // As over the socket, the asker follows without asking; first, because the frame may make the page let go.
      this.#follow(started.answer.id, started.answer.next, started.answer.reasoning_next);
      this.#events.onFrame(started);
    } catch (error) {
      this.#failed(error, { id: frame.id, answer: null });
    }
  }

  /** @param {string} answer */
  async #stop(answer) {
    try {
      await stopAnswer(answer);
    } catch (error) {
      this.#failed(error, { id: null, answer });
    }
  }

  /**
   * @param {unknown} error
   * @param {{id: string | null, answer: string | null}} what
   */
  #failed(error, what) {
    if (!(error instanceof ApiError)) throw error;
    if (!this.#open) return;
    if (error.unreachable) this.#events.onLost();
    else this.#events.onFrame({ type: "error", ...what, problem: error.problem });
  }

  /**
   * @param {string} answer
   * @param {number} offset
   * @param {number} reasoning_offset
   */
  #follow(answer, offset, reasoning_offset) {
    this.#unfollow(answer);
    const source = new EventSource(this.#pathOf(answer, offset, reasoning_offset));
    this.#sources.set(answer, source);
    for (const type of ["delta", "ended"]) {
      source.addEventListener(type, (event) => this.#heard(type, answer, event));
    }
    // After a network error the browser connects again by itself, from the last event's offset; CLOSED means that
    // the server refused.
    source.onerror = () => {
      if (source.readyState !== EventSource.CLOSED) return;
      this.#unfollow(answer);
      setTimeout(() => this.#open && this.#events.onUnfollowed(answer), REFUSED_MS);
    };
  }

  /**
   * @param {string} type
   * @param {string} answer
   * @param {MessageEvent<unknown>} event
   */
  #heard(type, answer, { data }) {
    if (typeof data !== "string") return;
    if (type === "ended") this.#unfollow(answer);
    const frame = parseServerFrame({ answer, ...parsedObject(data), type });
    if (frame && frame.type !== "hello") this.#events.onFrame(frame);
  }

  /** @param {string} answer */
  #unfollow(answer) {
    this.#sources.get(answer)?.close();
    this.#sources.delete(answer);
  }
}

/**
 * @param {string} data
 * @returns {object}
 */
function parsedObject(data) {
  try {
    /** @type {unknown} */
    const value = JSON.parse(data);
    return typeof value === "object" && value !== null ? value : {};
  } catch {
    return {};
  }
}
