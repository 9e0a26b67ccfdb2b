/**
 * Who this frame speaks for: an access token in memory, and what brings the visitor back on the next page. Nothing is asked
 * for or kept before the visitor acts. No DOM; the network and the places to keep things come in by the constructor.
 *
 * The ways back, from the best: a cookie that no script can read; a token in the frame's own storage; one that the host page
 * keeps, where its owner wants that; none, and then this page is all the visit.
 */

import { ApiError, UNREACHABLE } from "../api.js";

/** @import {SessionReply} from "./api.js" */
/** @import {Place} from "./place.js" */
/** @import {Kept} from "./storage.js" */

/** @typedef {"cookie" | "local" | "host" | "none"} WayBack */
/**
 * @typedef {object} Network
 * @property {(body: {embed: string, page_ticket: string, refresh?: string, storage: string}) => Promise<SessionReply>} begin
 * @property {(access: string) => Promise<boolean>} cookieWorks whether the browser brings the cookie back
 * @property {() => Promise<{ticket: string, access: string}>} readPage the page's own document, once more
 * @property {(access: string, jwt: string | null, storage: string) => Promise<SessionReply>} identify
 */

const REFRESH = "rt";
/** Kept from a logout until the server knows of it: whom a cookie brings back until then is not let in. */
const OUT = "out";
/** A token that ends within this time is not begun with any more. */
const SPARE_MS = 30_000;
/** How long the token is good that the page came with. */
const GIVEN_MS = 15 * 60_000;

/** @typedef {{access: string, refresh: string}} Gone a session that has been left, and that the server still has to end */

/** The frame's one session. */
export class Session {
  #place;
  #network;
  #kept;
  #now;
  #access = "";
  #until_ms = 0;
  /** @type {string} what the next token is got with; "" when only a cookie, or nothing, does that */
  #refresh = "";
  #ticket;
  /** @type {Promise<string> | null} */
  #asking = null;
  /** @type {Gone[]} */
  #gone = [];
  /** What is on its way for an earlier visitor is not taken any more. */
  #epoch = 0;
  /** Whether the host page has nowhere to keep what it is told to. */
  #hostForgets = false;
  /** Whether the browser's cookie is how this visitor came, or comes back. */
  #byCookie = false;
  /** @type {WayBack | null} null while nothing is known of it */
  way = null;
  /** @type {(refresh: string) => void} the host page is to keep it */
  onHostKeeps = () => {};
  /** @type {(way: WayBack) => void} */
  onWay = () => {};

  /**
   * @param {Place} place
   * @param {Network} network
   * @param {Kept} kept
   * @param {() => number} [now] milliseconds
   */
  constructor(place, network, kept, now = () => performance.now()) {
    this.#place = place;
    this.#network = network;
    this.#kept = kept;
    this.#now = now;
    this.#ticket = place.ticket;
    if (!place.access) return;
    if (kept.get(OUT)) this.#gone.push({ access: place.access, refresh: "" });
    else this.#came(place.access);
  }

  /**
   * The host page wants it otherwise.
   * @param {Place} place
   * @param {{refresh?: string, forgets?: boolean}} [host] what it kept, and whether it can keep anything
   */
  place(place, { refresh, forgets = false } = {}) {
    this.#place = place;
    this.#hostForgets = forgets;
    if (place.storage === "host" && refresh && !this.#refresh) this.#refresh = refresh;
  }

  /** Whether this browser was here before, so that there may be a conversation to go on with. */
  get known() {
    return this.#access !== "" || this.#byCookie || this.#refreshToken() !== "";
  }

  /** @returns {Promise<string>} an access token that is good for a while. Rejects with an `ApiError` */
  token() {
    if (this.#access && this.#now() < this.#until_ms - SPARE_MS) return Promise.resolve(this.#access);
    return this.renew();
  }

  /** The server does not take the present one any more. */
  expire() {
    this.#until_ms = -Infinity;
  }

  /** @returns {Promise<string>} another one: the server did not take the last, or will not take it for long */
  renew() {
    if (this.#asking) return this.#asking;
    const asking = this.#ask().finally(() => this.#asking === asking && (this.#asking = null));
    return (this.#asking = asking);
  }

  /**
   * Does something that needs a token; when the server does not take it, once more with a new one.
   * @template T
   * @param {(access: string) => Promise<T>} something
   * @returns {Promise<T>}
   */
  async with(something) {
    const access = await this.token();
    try {
      return await something(access);
    } catch (error) {
      if (!isSignedOut(error)) throw error;
      // Another request may have renewed it meanwhile.
      return something(access === this.#access ? await this.renew() : await this.token());
    }
  }

  /**
   * The same visitor, known by name.
   * @param {string} jwt
   */
  async identify(jwt) {
    const reply = await this.with((access) => this.#network.identify(access, jwt, this.#wanted()));
    this.#turn();
    await this.#keep(reply);
  }

  /**
   * Whoever it was has gone: nothing here speaks for them from now on, whether or not the server can be told at once.
   * @returns {Promise<void>} Rejects with an `ApiError` while it could not; the next who wants a token tells it first
   */
  async leave() {
    if (this.known) {
      this.#gone.push({ access: this.#access, refresh: this.#refreshToken() });
      this.#kept.set(OUT, "1");
      if (this.#wanted() === "host") this.onHostKeeps("");
    }
    this.#turn();
    this.#access = this.#refresh = "";
    this.#byCookie = false;
    this.#kept.set(REFRESH, "");
    await this.settle();
  }

  /** Tells the server of those who have gone, where it does not know yet. Rejects with an `ApiError` */
  async settle() {
    if (this.#gone.length) await this.renew();
  }

  #turn() {
    this.#epoch += 1;
    this.#asking = null;
  }

  /** @returns {Promise<boolean>} whether the end of those that were left gave the next visitor a session */
  async #tell() {
    const epoch = this.#epoch;
    let given = false;
    for (let gone = this.#gone[0]; gone; gone = this.#gone[0]) {
      const reply = await this.#end(gone);
      this.#gone = this.#gone.filter((one) => one !== gone);
      if (!this.#gone.length) this.#kept.set(OUT, "");
      if (!reply || epoch !== this.#epoch || this.#gone.length) continue;
      await this.#keep(reply);
      given = true;
    }
    this.#stillHere(epoch);
    return given;
  }

  /**
   * Whoever waits for a token of somebody who has gone meanwhile gets none.
   * @param {number} epoch
   */
  #stillHere(epoch) {
    if (epoch !== this.#epoch) throw new ApiError(0, UNREACHABLE);
  }

  /**
   * @param {Gone} gone
   * @returns {Promise<SessionReply | null>} null when it had ended by itself
   */
  async #end({ access, refresh }) {
    const again = { embed: this.#place.embed, page_ticket: this.#ticket, refresh, storage: "memory" };
    // Its token may have run out: then one more is got for its end.
    const tokens = [async () => access, async () => (refresh ? (await this.#network.begin(again)).access : (await this.#network.readPage()).access)];
    for (const token of tokens) {
      try {
        const good = await token();
        if (good) return await this.#network.identify(good, null, this.#wanted());
      } catch (error) {
        if (!isSignedOut(error)) throw error;
      }
    }
    return null;
  }

  /** The server does not know whoever it was. What a host page keeps may be newer by now, and is written over soon. */
  #forget() {
    this.#access = this.#refresh = "";
    if (this.#wanted() === "partitioned") this.#kept.set(REFRESH, "");
  }

  #refreshToken() {
    const { storage, resume } = this.#place;
    // Another tab may have changed the stored one, and the server forgets the one before it soon.
    const stored = storage === "partitioned" && resume !== "never" ? this.#kept.get(REFRESH) : null;
    return stored || this.#refresh;
  }

  async #ask() {
    if (this.#gone.length && (await this.#tell())) return this.#access;
    this.#access = "";
    // Another tab may have become somebody else meanwhile: a token that this one remembers would set the cookie back.
    if (this.#byCookie && (await this.#fromPage())) return this.#access;
    try {
      return await this.#begin(this.#refreshToken());
    } catch (error) {
      if (!isSignedOut(error)) throw error;
    }
    // The page's ticket has expired, or the visitor's token has: which of them, the server does not say.
    if (await this.#fromPage()) return this.#access;
    const refresh = this.#refreshToken();
    try {
      return await this.#begin(refresh);
    } catch (error) {
      if (!isSignedOut(error) || !refresh) throw error;
      this.#forget();
      return this.#begin("");
    }
  }

  /** @returns {Promise<boolean>} whether the cookie brought a token along */
  async #fromPage() {
    const epoch = this.#epoch;
    const { ticket, access } = await this.#network.readPage();
    this.#stillHere(epoch);
    if (ticket) this.#ticket = ticket;
    const came = access !== "" && !this.#kept.get(OUT);
    if (came) this.#came(access);
    return came;
  }

  /** @param {string} access by the cookie */
  #came(access) {
    this.#byCookie = true;
    this.#take(access, GIVEN_MS);
  }

  /** @param {string} refresh */
  async #begin(refresh) {
    const { embed } = this.#place;
    const body = { embed, page_ticket: this.#ticket, storage: this.#wanted(), ...(refresh ? { refresh } : {}) };
    const epoch = this.#epoch;
    const reply = await this.#network.begin(body);
    this.#stillHere(epoch);
    await this.#keep(reply);
    return this.#access;
  }

  /** Who never goes on with a conversation needs nothing to come back with. */
  #wanted() {
    const { storage, resume } = this.#place;
    return resume === "never" ? "memory" : storage;
  }

  /** @param {SessionReply} reply */
  async #keep({ access, refresh, expires_in_s, cookie }) {
    this.#take(access, expires_in_s * 1_000);
    this.#refresh = refresh;
    const epoch = this.#epoch;
    const way = await this.#wayBack(cookie);
    if (epoch !== this.#epoch) return;
    if (way === "local" && !this.#kept.set(REFRESH, refresh)) return this.#found("none");
    // What this page does not keep, another page of the site may.
    if (way !== "local" && this.#wanted() === "partitioned") this.#kept.set(REFRESH, "");
    this.#byCookie = way === "cookie";
    if (cookie && !this.#gone.length) this.#kept.set(OUT, ""); // it is this visitor's by now
    if (way === "host") this.onHostKeeps(refresh);
    this.#found(way);
  }

  /**
   * @param {boolean} cookie whether the server gave one
   * @returns {Promise<WayBack>}
   */
  async #wayBack(cookie) {
    const wanted = this.#wanted();
    if (wanted === "memory") return "none";
    if (wanted === "host") return this.#hostForgets ? "none" : "host";
    // Asked once: what a browser does with a cookie it does with the next.
    if (this.way) return this.way;
    return cookie && (await this.#cookieWorks()) ? "cookie" : "local";
  }

  async #cookieWorks() {
    try {
      return await this.#network.cookieWorks(this.#access);
    } catch {
      return false;
    }
  }

  /** @param {WayBack} way */
  #found(way) {
    const news = way !== this.way;
    this.way = way;
    if (news) this.onWay(way);
  }

  /**
   * @param {string} access
   * @param {number} good_ms
   */
  #take(access, good_ms) {
    this.#access = access;
    this.#until_ms = this.#now() + good_ms;
  }
}

/**
 * @param {unknown} error
 * @returns {boolean} whether the server did not take the token
 */
export function isSignedOut(error) {
  return error instanceof ApiError && (error.status === 401 || error.problem.code === "not_signed_in");
}
