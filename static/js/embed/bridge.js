/**
 * The private line to the loader on the host page. One window listener, which takes a `hello` from the page above and from
 * nobody else; everything after that goes over the port that came with it, which no other frame has.
 */

import { envelope, readMessage } from "./port-messages.js";

/** @import {Message} from "./port-messages.js" */

/** The line. */
export class Bridge {
  #allowed;
  #heard;
  /** @type {MessagePort | null} */
  #port = null;
  /** The origin that said hello first: no other is listened to any more. */
  #pinned = "";

  /**
   * @param {(origin: string) => boolean} allowed whether a page of this origin may show the chat
   * @param {(message: Message) => void} heard
   */
  constructor(allowed, heard) {
    this.#allowed = allowed;
    this.#heard = heard;
  }

  /** Whether a loader is at the other end. */
  get open() {
    return this.#port !== null;
  }

  start() {
    addEventListener("message", (event) => this.#knocked(event));
  }

  /**
   * @param {string} type
   * @param {object} [payload]
   */
  send(type, payload) {
    this.#port?.postMessage(envelope(type, payload));
  }

  end() {
    this.#port?.close();
    this.#port = null;
  }

  /** @param {MessageEvent<unknown>} event */
  #knocked({ source, origin, data, ports }) {
    const [port] = ports;
    if (window.parent === window || source !== window.parent || ports.length !== 1 || !port) return;
    if (this.#pinned ? origin !== this.#pinned : !this.#allowed(origin)) return;
    const message = readMessage(data);
    if (message?.type !== "hello") return;
    this.#pinned = origin;
    this.end();
    this.#port = port;
    port.onmessage = (event) => this.#said(event.data);
    this.#heard(message);
  }

  /** @param {unknown} data */
  #said(data) {
    const message = readMessage(data);
    if (message && message.type !== "hello") this.#heard(message);
  }
}
