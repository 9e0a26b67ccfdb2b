/** One WebSocket, from its handshake to its end. No DOM, no state; who reconnects when is `connection.js`. */

import { helloText, parseServerFrame } from "./frames.js";

/** @import {ClientFrame, HelloFrame, ServerFrame} from "./frames.js" */

/** Some networks accept a WebSocket and then carry nothing: without a `hello` by then it counts as blocked. */
const HELLO_MS = 3_000;

/**
 * @typedef {object} SocketEvents
 * @property {(frame: Exclude<ServerFrame, HelloFrame>) => void} onFrame
 * @property {(code: number) => void} onClose after the server's hello only, and once
 */

/** A socket whose server has said hello. */
export class Socket {
  /** @type {WebSocket} */
  #socket;
  /** When something was last heard, in `performance.now()` milliseconds. */
  heardAt = performance.now();

  /**
   * @param {WebSocket} socket
   * @param {SocketEvents} events
   */
  constructor(socket, { onFrame, onClose }) {
    this.#socket = socket;
    socket.onmessage = ({ data }) => {
      this.heardAt = performance.now();
      const frame = parseServerFrame(data);
      if (frame && frame.type !== "hello") onFrame(frame);
    };
    socket.onclose = ({ code }) => onClose(code);
  }

  /** @param {ClientFrame} frame */
  send(frame) {
    if (this.#socket.readyState === WebSocket.OPEN) this.#socket.send(JSON.stringify(frame));
  }

  /** Ends it quietly: nothing more is heard from it, its end neither. */
  close() {
    dispose(this.#socket);
  }
}

/** @param {WebSocket} socket */
function dispose(socket) {
  socket.onopen = socket.onmessage = socket.onclose = socket.onerror = null;
  socket.close();
}

/**
 * Connects and says hello.
 * @param {string} url
 * @param {SocketEvents} events
 * @param {string} [hello] the first frame
 * @returns {Promise<{socket: Socket, hello: HelloFrame}>} rejects with "slow" or "closed", whose cause is the close code or the error's
 */
export function openSocket(url, events, hello = helloText()) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url);
    const timer = setTimeout(() => fail("slow"), HELLO_MS);
    const fail = (/** @type {string} */ reason, /** @type {number | string} */ cause = 0) => {
      clearTimeout(timer);
      dispose(socket);
      reject(new Error(reason, { cause }));
    };
    socket.onopen = () => socket.send(hello);
    socket.onclose = ({ code }) => fail("closed", code);
    socket.onmessage = ({ data }) => {
      const frame = parseServerFrame(data);
      if (frame?.type === "error") fail("closed", frame.problem.code);
      if (frame?.type !== "hello") return;
      clearTimeout(timer);
      resolve({ socket: new Socket(socket, events), hello: frame });
    };
  });
}
