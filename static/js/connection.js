/**
 * Which way the page talks to the server, and when it tries again. No DOM; all I/O comes in by the constructor.
 *
 * The WebSocket is tried first. When it is blocked while plain HTTP works, HTTP carries everything and the
 * WebSocket is tried now and then; when nothing works, attempts follow with growing pauses. A new link always
 * begins with a hello, from which the state works out what to send: so changing the way in the middle of an
 * answer needs nothing more.
 */

/** @import {ClientFrame, HelloFrame, ServerFrame} from "./frames.js" */
/** @import {Mode} from "./state.js" */
/** @import {HttpEvents} from "./http-link.js" */
/** @import {SocketEvents} from "./socket.js" */

/** @typedef {{send: (frame: ClientFrame) => void, close: () => void}} Link */
/**
 * @typedef {object} Ways
 * @property {(events: SocketEvents) => Promise<{socket: Link & {heardAt: number}, hello: HelloFrame}>} openSocket
 * @property {() => Promise<HelloFrame>} readVisitor
 * @property {(events: HttpEvents) => Link | Promise<Link>} openHttp
 */
/**
 * @typedef {object} ConnectionEvents
 * @property {(mode: Mode) => void} onMode
 * @property {(mode: "socket" | "http", hello: HelloFrame) => void} onLinked
 * @property {(frame: Exclude<ServerFrame, HelloFrame>) => void} onFrame
 * @property {(answer: string) => void} onUnfollowed
 */

const FIRST_PAUSE_MS = 500;
const LONGEST_PAUSE_MS = 10_000;
const BLOCKED_PAUSE_MS = 60_000;
/** So many failures before HTTP is tried: one may be chance. */
const FAILURES_BEFORE_HTTP = 2;
/** The server pings every 25 s, which pages do not get to see; after this long a silent socket is in doubt. */
const SILENCE_MS = 45_000;
/** The close code of a server that restarts. */
const RESTART = 1012;

/** The page's one connection. */
export class Connection {
  /** @type {Ways} */
  #ways;
  /** @type {ConnectionEvents} */
  #events;
  /** @type {() => number} */
  #random;
  /** @type {Link | null} */
  #link = null;
  /** @type {(Link & {heardAt: number}) | null} the link, when it is a socket */
  #socket = null;
  #failures = 0;
  #attempting = false;
  #ended = false;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {Ways} ways
   * @param {ConnectionEvents} events
   * @param {() => number} [random]
   */
  constructor(ways, events, random = Math.random) {
    this.#ways = ways;
    this.#events = events;
    this.#random = random;
  }

  /** Connects, and keeps connected from then on. */
  start() {
    void this.#attempt();
  }

  /** @param {ClientFrame} frame */
  send(frame) {
    this.#link?.send(frame);
  }

  /**
   * The tab was shown again, or the network is back.
   * @param {{doubt: boolean}} options `doubt`: whether a link that seems fine should prove itself
   */
  wake({ doubt }) {
    if (!this.#socket) void this.#attempt();
    else if (doubt || performance.now() - this.#socket.heardAt > SILENCE_MS) this.renew();
  }

  /** Replaces a socket that may be dead. The old one is used until the new one has said hello. */
  renew() {
    void this.#attempt();
  }

  /** Somebody found that the server cannot be reached over HTTP. */
  lost() {
    if (this.#link && !this.#socket) this.#fail(this.#pause());
  }

  /** Disconnects for good. */
  end() {
    this.#ended = true;
    clearTimeout(this.#timer);
    this.#drop();
  }

  async #attempt() {
    if (this.#attempting || this.#ended) return;
    this.#attempting = true;
    clearTimeout(this.#timer);
    try {
      await this.#trySocket();
    } finally {
      this.#attempting = false;
    }
  }

  async #trySocket() {
    /** @type {Awaited<ReturnType<Ways["openSocket"]>>} */
    let opened;
    try {
      opened = await this.#ways.openSocket({
        onFrame: this.#events.onFrame,
        onClose: (code) => this.#fail(code === RESTART ? 200 + this.#random() * 800 : this.#pause()),
      });
    } catch (reason) {
      const slow = reason instanceof Error && reason.message === "slow";
      await this.#withoutSocket(slow ? FAILURES_BEFORE_HTTP : 1);
      return;
    }
    this.#failures = 0;
    this.#adopt(opened.socket, "socket", opened.hello);
    if (!this.#ended) this.#socket = opened.socket;
  }

  /** @param {number} weight how much the failed attempt counts */
  async #withoutSocket(weight) {
    this.#failures += weight;
    if (this.#link && !this.#socket) {
      this.#later(BLOCKED_PAUSE_MS);
      return;
    }
    if (this.#socket) this.#drop(); // it was in doubt, and a new one could not be had
    if (this.#failures < FAILURES_BEFORE_HTTP) {
      this.#later(this.#pause());
      return;
    }
    try {
      const hello = await this.#ways.readVisitor();
      this.#adopt(await this.#ways.openHttp(this.#httpEvents()), "http", hello);
      this.#later(BLOCKED_PAUSE_MS);
    } catch {
      this.#fail(this.#pause());
    }
  }

  /** @returns {HttpEvents} */
  #httpEvents() {
    return {
      onFrame: this.#events.onFrame,
      onUnfollowed: this.#events.onUnfollowed,
      onLost: () => this.lost(),
    };
  }

  /**
   * @param {Link} link
   * @param {"socket" | "http"} mode
   * @param {HelloFrame} hello
   */
  #adopt(link, mode, hello) {
    clearTimeout(this.#timer);
    this.#link?.close();
    if (this.#ended) return link.close();
    this.#link = link;
    this.#socket = null;
    this.#events.onLinked(mode, hello);
  }

  /** @param {number} pause_ms */
  #fail(pause_ms) {
    this.#drop();
    this.#later(pause_ms);
  }

  #drop() {
    this.#link?.close();
    this.#link = null;
    this.#socket = null;
    this.#events.onMode("offline");
  }

  /** @param {number} pause_ms */
  #later(pause_ms) {
    clearTimeout(this.#timer);
    if (!this.#ended) this.#timer = setTimeout(() => void this.#attempt(), pause_ms);
  }

  /** @returns {number} longer after each failure, and never the same for all pages of a site */
  #pause() {
    const longest = Math.min(LONGEST_PAUSE_MS, FIRST_PAUSE_MS * 2 ** Math.min(this.#failures, 6));
    return longest * (0.5 + this.#random() / 2);
  }
}
