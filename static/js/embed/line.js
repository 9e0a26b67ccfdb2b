/** The chat's connection: none before the first question, none while nobody needs one, and else the page's own kind. No DOM. */

import { ApiError } from "../api.js";
import { Connection } from "../connection.js";
import { VERSION } from "../frames.js";
import { openSocket } from "../socket.js";
import { call } from "./api.js";
import { FetchLink } from "./fetch-link.js";

/** @import {ClientFrame, HelloFrame, ServerFrame} from "../frames.js" */
/** @import {HttpEvents} from "../http-link.js" */
/** @import {Problem} from "../objects.js" */
/** @import {SocketEvents} from "../socket.js" */
/** @import {Mode} from "../state.js" */
/** @import {Session} from "./session.js" */

/** How a socket ends whose token is not, or no longer, good. */
const SIGNED_OUT = new Set([4401, "not_signed_in"]);
/** A new token that is not taken either is not the cure. */
const AGAIN_MS = 10_000;
/** @type {HelloFrame} what a connection without a socket begins with */
const HELLO = { type: "hello", running: [], limits: null, preferences: null };

/**
 * @typedef {object} LineEvents
 * @property {(mode: Mode) => void} onMode
 * @property {(mode: "socket" | "http", hello: HelloFrame) => void} onLinked
 * @property {(frame: Exclude<ServerFrame, HelloFrame>) => void} onFrame
 * @property {(answer: string) => void} onUnfollowed
 * @property {(problem: Problem) => void} onRefused the server will not have this visitor: no other attempt is made
 */

/** The line to the server, which can be laid down and taken up again. */
export class Line {
  #session;
  #events;
  /** @type {Connection | null} */
  #connection = null;
  #signedIn_ms = -AGAIN_MS;

  /**
   * @param {Session} session
   * @param {LineEvents} events
   */
  constructor(session, events) {
    this.#session = session;
    this.#events = events;
  }

  /** Whether it is taken up, connected or on the way there. */
  get up() {
    return this.#connection !== null;
  }

  /** Takes it up, where it is not. */
  take() {
    if (this.#connection) return;
    this.#connection = new Connection({ openSocket: (events) => this.#socket(events), openHttp: (events) => this.#http(events), readVisitor: () => this.#reach() }, this.#events);
    this.#connection.start();
  }

  /** Lays it down. */
  lay() {
    const connection = this.#connection;
    this.#connection = null;
    connection?.end();
  }

  /**
   * The token has ended in the middle of a connection: what waits goes out again over a new one.
   * @returns {boolean} not when that was tried just now
   */
  signInAgain() {
    if (performance.now() - this.#signedIn_ms < AGAIN_MS) return false;
    this.#signedIn_ms = performance.now();
    this.#session.expire();
    this.lay();
    this.take();
    return true;
  }

  /** @param {ClientFrame} frame */
  send(frame) {
    this.#connection?.send(frame);
  }

  /** @param {{doubt: boolean}} options */
  wake(options) {
    this.#connection?.wake(options);
  }

  renew() {
    this.#connection?.renew();
  }

  /** @param {SocketEvents} events */
  #socket(events) {
    return this.#guarded(async () => {
      try {
        return await openSocket(address(), events, hello(await this.#session.token()));
      } catch (error) {
        if (!(error instanceof Error) || !SIGNED_OUT.has(/** @type {string | number} */ (error.cause))) throw error;
        return openSocket(address(), events, hello(await this.#session.renew()));
      }
    });
  }

  /** @param {HttpEvents} events */
  #http(events) {
    return new FetchLink(this.#session, events);
  }

  #reach() {
    return this.#guarded(async () => {
      await this.#session.with((access) => call("GET", "session", { access }));
      return HELLO;
    });
  }

  /**
   * @template T
   * @param {() => Promise<T>} attempt
   * @returns {Promise<T>}
   */
  async #guarded(attempt) {
    try {
      return await attempt();
    } catch (error) {
      if (error instanceof ApiError && !error.unreachable) {
        this.lay();
        this.#events.onRefused(error.problem);
      }
      throw error;
    }
  }
}

/** @returns {string} the query tells the server's gate that no visitor of the site itself comes */
function address() {
  const url = new URL("/ws?embed", location.href);
  url.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  return url.href;
}

/** @param {string} access */
function hello(access) {
  return JSON.stringify({ type: "hello", v: VERSION, access });
}
