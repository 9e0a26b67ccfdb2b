/** What the host page asks of the chat over the port, and what it is told. */

import { ApiError } from "../api.js";
import { language } from "../say.js";
import { Bridge } from "./bridge.js";
import { originAllowed } from "./origins.js";
import { publicCode } from "./problems.js";

/** @import {Problem} from "../objects.js" */
/** @import {Chat} from "./chat.js" */
/** @import {Place} from "./place.js" */
/** @import {Look, Message, Options} from "./port-messages.js" */

/** A host page's answer to what it asked: in its own words, without our ids. */
const BUSY = { code: "busy", message: "An answer is being written." };
const EMPTY = { code: "invalid_input", message: "There is no text." };
const CLOSED = "closed";
/** Said again to a chat that was loaded anew, a question under such an id is asked once. */
const UUID = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/**
 * @typedef {object} Page what the line to the host can do there
 * @property {(opts: Options) => void} adopt
 * @property {(look: Look) => void} preview
 * @property {(shown: boolean) => void} opened
 * @property {(to: "composer" | "heading" | "first" | "last") => void} focus
 * @property {(text: string) => void} prefill
 * @property {(name: string) => void} greet
 * @property {(theme: string | null, color: string | null) => void} theme
 * @property {(fullscreen: boolean) => void} viewport
 * @property {() => number} unread
 * @property {() => boolean} forgets whether another page would not have what stands here
 * @property {() => void} destroy
 */

/** The line. */
export class Host {
  #place;
  #chat;
  #page;
  #bridge;
  /** @type {"bubble" | "inline" | "none"} */
  mode = "bubble";
  /** Whether the panel is shown, as the host page says. */
  #shown = false;
  /** @type {Extract<Message, {type: "identify"}> | null} who is to be known by name as soon as they are there */
  #identity = null;
  /** @type {Promise<void> | null} while somebody becomes known */
  #becoming = null;

  /**
   * @param {Place} place
   * @param {Chat} chat
   * @param {Page} page
   */
  constructor(place, chat, page) {
    this.#place = place;
    this.#chat = chat;
    this.#page = page;
    // A page of our own is as much as we are; whether it may show the chat is for `frame-ancestors`, which lets it where no site is listed.
    const allowed = (/** @type {string} */ origin) => origin === location.origin || originAllowed(place, origin);
    this.#bridge = new Bridge(allowed, (message) => this.#heard(message));
    chat.telling.tell = (name, data) => this.#bridge.send("event", { name, data });
    chat.session.onHostKeeps = (refresh) => this.#bridge.send("token", { refresh });
    this.#bridge.start();
  }

  /** Whether a loader is there. */
  get there() {
    return this.#bridge.open;
  }

  /**
   * @param {"button" | "escape"} by
   * @returns {boolean} whether there is a panel to close
   */
  close(by) {
    const closes = this.there && this.mode !== "inline";
    if (closes) this.#bridge.send("close", { by });
    return closes;
  }

  /** @param {number} count */
  unread(count) {
    this.#bridge.send("unread", { count });
  }

  /** @param {number} height */
  resize(height) {
    if (this.mode === "inline") this.#bridge.send("resize", { height });
  }

  /** The visitor writes: whoever is to be known by name is so from the first question on. */
  async identified() {
    if (!this.becoming) return;
    this.#becoming ??= this.#become().finally(() => (this.#becoming = null));
    await this.#becoming;
  }

  /** Whether somebody is to be known by name first, or to be gone. */
  get becoming() {
    return this.#becoming !== null || this.#identity !== null;
  }

  /** The network is back: what it kept from being done is tried again. */
  again() {
    if (this.#identity && (this.#shown || this.#identity.out || this.#chat.session.known)) void this.identified();
  }

  async #become() {
    for (let identity = this.#identity; identity; identity = this.#identity) {
      const { id, jwt } = identity;
      this.#identity = null;
      const problem = await this.#answered(id, () => this.#chat.identify(jwt));
      if (!problem?.unreachable) continue;
      this.#identity ??= identity; // tried again with the next question
      return;
    }
  }

  /** @param {Message} message */
  #heard(message) {
    switch (message.type) {
      case "hello":
        return this.#hello(message.opts);
      case "open":
      case "close":
        return this.#opened(message.type !== "close");
      case "focus":
        return this.#page.focus(message.to);
      case "prefill":
        return this.#page.prefill(message.text);
      case "send":
        return void this.#send(message);
      case "new_chat":
        return void this.#answered(message.id, async () => this.#chat.renew());
      case "identify":
        return this.#identify(message);
      case "context":
        if (message.refused) console.warn(`[Parley] setContext: ${message.refused} The chat knows no facts of this page now.`);
        return this.#chat.context(message.facts);
      case "theme":
        return this.#page.theme(message.theme, message.color);
      case "locale":
        return this.#speak(message.locale);
      case "viewport":
        return this.#page.viewport(message.fullscreen);
      case "preview":
        if (this.#place.preview) this.#page.preview(message.look);
        return;
      case "destroy":
        this.#bridge.end();
        this.#page.destroy();
    }
  }

  /** @param {Options} opts */
  #hello(opts) {
    this.mode = opts.mode ?? "bubble";
    this.#page.adopt(opts);
    this.#bridge.send("welcome", { v: 1, unread: this.#page.unread(), look: this.#place.look });
    this.#bridge.send("chrome", { ready: this.mode !== "inline" });
    if (opts.locale) this.#speak(opts.locale);
    if (this.mode === "inline") this.#opened(true);
  }

  /** @param {boolean} shown */
  #opened(shown) {
    this.#shown = shown;
    this.#page.opened(shown);
    if (shown) void this.identified();
  }

  /** @param {Extract<Message, {type: "send"}>} message */
  async #send({ id, text }) {
    if (!text.trim()) return this.#ack(id, EMPTY);
    await this.identified();
    if (this.#chat.busy) return this.#ack(id, BUSY);
    const done = (/** @type {Problem | null} */ problem) => this.#ack(id, problem);
    this.#chat.send(text, { ...(UUID.test(id) ? { id } : {}), done });
  }

  /**
   * Nobody is known by name, and nothing is asked for, before somebody is there.
   * @param {Extract<Message, {type: "identify"}>} message
   */
  #identify(message) {
    this.#page.greet(message.out ? "" : message.name);
    if (this.#identity) this.#ack(this.#identity.id, { code: CLOSED, message: "Another identity was given." });
    this.#identity = null;
    if (message.jwt === null && !message.out) return this.#ack(message.id, null);
    this.#identity = message;
    this.again();
  }

  /**
   * Another language is another page: the visit goes on in it, where the browser keeps anything of it.
   * @param {string} locale
   */
  #speak(locale) {
    const here = new URL(location.href);
    if (here.searchParams.get("locale") === locale || locale === language()) return;
    if (this.#page.forgets()) return;
    here.searchParams.set("locale", locale);
    location.replace(here);
  }

  /**
   * @param {string} id
   * @param {() => Promise<void>} something
   * @returns {Promise<ApiError | null>} what kept it from being done
   */
  async #answered(id, something) {
    try {
      await something();
      this.#ack(id, null);
      return null;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.#ack(id, error.problem);
      return error;
    }
  }

  /**
   * @param {string} id
   * @param {Problem | null} problem
   */
  #ack(id, problem) {
    const { code = "", message = "", retry_after } = problem ?? {};
    const error = { code: problem ? publicCode({ code, message }) : code, message, ...(retry_after === undefined ? {} : { retry_after }) };
    this.#bridge.send("ack", { id, ok: problem === null, ...(problem ? { error } : {}) });
  }
}
