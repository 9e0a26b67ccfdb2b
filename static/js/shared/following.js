/**
 * Follows a live share as the chat follows its own answers: by WebSocket, and over plain HTTP where that is blocked.
 * When the link has ended it lets go for good. No DOM.
 */

import { ApiError, parsed, problemIn, understood, UNREACHABLE } from "../api.js";
import { Connection } from "../connection.js";
import { VERSION } from "../frames.js";
import { HttpLink } from "../http-link.js";
import { openSocket } from "../socket.js";
import { isAbove, meaning, readContent } from "./content.js";
import { eventsIn, pathIn } from "./place.js";

/** @import {HelloFrame} from "../frames.js" */
/** @import {Store} from "../store.js" */
/** @import {NewsFrame, SharedContent} from "./content.js" */
/** @import {Place} from "./place.js" */

const TIMEOUT_MS = 20_000;
/** The door is shut for the pass this page was opened with. */
const CLOSED = new Set(["door_closed", "wrong_password"]);
/** Several news that need the conversation again cost one reading. */
const GATHER_MS = 150;
/** @type {HelloFrame} */
const HELLO = { type: "hello", running: [], limits: null, preferences: null };

/** One reader's connection to a share. */
export class Following {
  #place;
  #store;
  #over;
  #anew;
  #connection;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #rereading;
  /** Whether the conversation was just read, so that a new link needs no other reading. */
  #fresh = false;
  /** Whether the reader has chosen a branch: then no news leads away from it. */
  chosen = false;
  ended = false;

  /**
   * @param {Place} place
   * @param {Store} store
   * @param {{over: () => void, anew: () => void}} told `over` is called once, when the link has ended; `anew` when it has another
   *   password or other masks, so that the page has to be loaded anew
   */
  constructor(place, store, { over, anew }) {
    this.#place = place;
    this.#store = store;
    this.#over = over;
    this.#anew = anew;
    this.#connection = this.#connect();
    store.send = (frame) => this.#connection.send(frame);
  }

  /** Reads the conversation, and follows it from there when it is live. */
  async start() {
    this.#fresh = await this.read();
    if (this.#place.live && !this.ended) this.#connection.start();
  }

  /**
   * The conversation as it is now.
   * @returns {Promise<boolean>} whether it could be had
   */
  async read() {
    try {
      this.#store.dispatch({ type: "loaded", ...(await loaded(this.#place)) });
      return true;
    } catch (error) {
      this.#failed(error);
      return false;
    }
  }

  /** @param {{doubt: boolean}} options */
  wake(options) {
    if (this.#place.live && !this.ended) this.#connection.wake(options);
  }

  /** Over plain HTTP nobody tells of new questions, so the page looks. */
  async look() {
    if (this.#store.state.mode === "http" && !this.ended) await this.read();
  }

  /** @returns {Connection} */
  #connect() {
    const address = new URL("/ws?share", location.href); // the query tells the site's gate that no visitor comes
    address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
    const { token, view } = this.#place;
    const hello = JSON.stringify({ type: "hello", v: VERSION, share: token, ...(view ? { view } : {}) });
    const ways = {
      openSocket: (/** @type {import("../socket.js").SocketEvents} */ events) => openSocket(address.href, events, hello),
      openHttp: (/** @type {import("../http-link.js").HttpEvents} */ events) => new HttpLink(events, eventsIn(this.#place)),
      readVisitor: async () => {
        if (!(await this.read())) throw new ApiError(0, UNREACHABLE);
        this.#fresh = true;
        return HELLO;
      },
    };
    return new Connection(ways, {
      onMode: (mode) => this.#store.dispatch({ type: "mode", mode }),
      onLinked: (mode, hello) => {
        this.#store.dispatch({ type: "linked", mode, hello });
        if (!this.#fresh) void this.read();
        this.#fresh = false;
      },
      onFrame: (frame) => this.#take(frame),
      onUnfollowed: (answer) => {
        this.#store.dispatch({ type: "unfollowed", answer });
        void this.read();
      },
    });
  }

  /** @param {NewsFrame} news */
  #take(news) {
    const what = meaning(news);
    if (what.kind === "over") this.#end();
    else if (what.kind === "anew") this.#leave();
    else if (what.kind === "reread") this.#rereadSoon();
    else this.#takeIn(what.frame);
  }

  /** @param {NewsFrame} frame */
  #takeIn(frame) {
    const { leaf } = this.#store.state;
    if (this.chosen && frame.type === "changed" && frame.what === "leaf") return;
    this.#store.take(frame);
    if (frame.type === "error" && frame.answer !== null) this.#rereadSoon(); // its log is gone; the conversation knows better
    if (!this.chosen || frame.type !== "changed" || frame.what !== "turn" || leaf === null || !frame.answer) return;
    const { messages } = this.#store.state;
    if (messages.has(leaf) && !isAbove(messages, leaf, frame.answer.id)) this.#store.dispatch({ type: "choose", message: leaf });
  }

  #rereadSoon() {
    clearTimeout(this.#rereading);
    this.#rereading = setTimeout(() => void this.read(), GATHER_MS);
  }

  /** @param {unknown} error */
  #failed(error) {
    if (!(error instanceof ApiError)) throw error;
    // The server says the same of all links that lead nowhere; this one has led here, so it was ended.
    if (error.status === 404) this.#end();
    else if (CLOSED.has(error.problem.code)) this.#leave();
  }

  /** The page as it is holds what it should not hold any more, or cannot ask for what it needs. */
  #leave() {
    clearTimeout(this.#rereading);
    this.#connection.end();
    this.#anew();
  }

  #end() {
    if (this.ended) return;
    this.ended = true;
    clearTimeout(this.#rereading);
    this.#connection.end();
    this.#over();
  }
}

/**
 * @param {Place} place
 * @returns {Promise<SharedContent>} Rejects with an `ApiError`
 */
async function loaded(place) {
  let reply;
  let words;
  try {
    const options = { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(TIMEOUT_MS) };
    reply = await fetch(pathIn(place, "conversation"), options);
    words = await reply.text();
  } catch {
    throw new ApiError(0, UNREACHABLE);
  }
  if (!reply.ok) throw new ApiError(reply.status, problemIn(reply.status, parsed(words)));
  return understood(() => readContent(parsed(words)));
}
