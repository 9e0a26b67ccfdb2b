/** The chat without a WebSocket: single requests, and answers by fetched events. The frames are the same. No DOM. */

import { ApiError } from "../api.js";
import { parseServerFrame } from "../frames.js";
import { record } from "../reading.js";
import { openEvents, sendRequest, stopAnswer } from "./api.js";
import { EventReader } from "./events.js";

/** @import {ClientFrame, FollowFrame, RequestFrame} from "../frames.js" */
/** @import {HttpEvents} from "../http-link.js" */
/** @import {Session} from "./session.js" */
/** @import {ServerEvent} from "./events.js" */

/** Events that broke off are asked for again after this long, from where they were. */
const AGAIN_MS = 2_000;

/** A connection made of single requests. */
export class FetchLink {
  #session;
  #events;
  /** @type {Map<string, AbortController>} by answer */
  #following = new Map();
  #open = true;

  /**
   * @param {Session} session
   * @param {HttpEvents} events
   */
  constructor(session, events) {
    this.#session = session;
    this.#events = events;
  }

  /** @param {ClientFrame} frame */
  send(frame) {
    if (frame.type === "follow") void this.#follow(frame);
    else if (frame.type === "unfollow") this.#unfollow(frame.answer);
    else if (frame.type === "stop") void this.#stop(frame.answer);
    else void this.#request(frame);
  }

  /** Ends it quietly. */
  close() {
    this.#open = false;
    for (const following of this.#following.values()) following.abort();
    this.#following.clear();
  }

  /** @param {RequestFrame} frame */
  async #request(frame) {
    try {
      const started = await this.#session.with((access) => sendRequest(access, frame));
      if (!this.#open) return; // the next connection sends it again, under the same id
      const { id: answer, next: offset, reasoning_next: reasoning_offset } = started.answer;
      void this.#follow({ type: "follow", answer, offset, reasoning_offset });
      this.#events.onFrame(started);
    } catch (error) {
      this.#failed(error, { id: frame.id, answer: null });
    }
  }

  /** @param {string} answer */
  async #stop(answer) {
    try {
      await this.#session.with((access) => stopAnswer(access, answer));
    } catch (error) {
      this.#failed(error, { id: null, answer });
    }
  }

  /** @param {FollowFrame} frame */
  async #follow(frame) {
    const { answer } = frame;
    this.#unfollow(answer);
    const following = new AbortController();
    this.#following.set(answer, following);
    try {
      const body = await this.#session.with((access) => openEvents(access, frame, following.signal));
      await this.#read(answer, body);
    } catch (error) {
      if (following.signal.aborted) return;
      if (error instanceof ApiError && error.unreachable) this.#events.onLost();
    }
    if (following.signal.aborted || this.#following.get(answer) !== following) return;
    // They ended without the answer's end. The page follows again from its own offset.
    this.#unfollow(answer);
    setTimeout(() => this.#open && this.#events.onUnfollowed(answer), AGAIN_MS);
  }

  /**
   * @param {string} answer
   * @param {ReadableStream<Uint8Array>} body
   */
  async #read(answer, body) {
    const [reader, decoder, events] = [body.getReader(), new TextDecoder(), new EventReader()];
    for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
      for (const event of events.read(decoder.decode(piece.value, { stream: true }))) this.#heard(answer, event);
    }
  }

  /**
   * @param {string} answer
   * @param {ServerEvent} event
   */
  #heard(answer, { type, data }) {
    if (type !== "delta" && type !== "ended") return;
    if (type === "ended") this.#unfollow(answer);
    try {
      const frame = parseServerFrame({ answer, ...record(JSON.parse(data)), type });
      if (frame && frame.type !== "hello") this.#events.onFrame(frame);
    } catch {
      // Damaged on its way: the gap it leaves is asked for again.
    }
  }

  /** @param {string} answer */
  #unfollow(answer) {
    this.#following.get(answer)?.abort();
    this.#following.delete(answer);
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
}
