/** What the page reads over HTTP, and when it reads it again. Results go into the store. No DOM. */

import { ApiError, listConversations, listModels, loadAnswer, loadConversation, readVisitor } from "./api.js";
import { runningHere } from "./state/view.js";

/** @import {Connection} from "./connection.js" */
/** @import {Store} from "./store.js" */

/** All pinned conversations are listed, but no more pages of them than this. */
const PINNED_PAGES = 10;
/** A pause in typing this long starts a search. */
const TYPING_MS = 200;
/** A running answer without news for this long is asked about over HTTP: the connection may be half dead. */
const SILENT_MS = 15_000;
/** A request that is not acknowledged after this long puts the socket in doubt. */
const UNACKNOWLEDGED_MS = 6_000;
/** The list of models is not read again sooner than this. */
const MODELS_MS = 10_000;

/** Reads lists, conversations and models. */
export class Loading {
  #store;
  #connection;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;
  /** Ends the reading of the list: what it would bring is not wanted any more. */
  #reading = new AbortController();
  /** Whether a first page of the list is being read. */
  #refreshing = false;
  /** Whether an older page is. */
  #paging = false;
  /** The running answer that was looked at last, and since when it has not grown. */
  #progress = { answer: "", reached: -1, since: 0 };
  /** The oldest unacknowledged request, and since when it waits. */
  #unacknowledged = { id: "", since: 0 };
  /** When the models may be read again. */
  #modelsAt = -MODELS_MS;

  /**
   * @param {Store} store
   * @param {Connection} connection
   */
  constructor(store, connection) {
    this.#store = store;
    this.#connection = connection;
  }

  /** The first page of the list, with the present search; whatever else was being read of it is given up. */
  async refreshList() {
    clearTimeout(this.#typing);
    this.#reading.abort();
    const { signal } = (this.#reading = new AbortController());
    this.#refreshing = true;
    const { query, view } = this.#store.state.list;
    await Promise.all([this.#page(null, signal), query === "" && view === "all" ? this.#pinned(signal) : null]);
    if (!signal.aborted) this.#refreshing = false;
  }

  /** The next page of the list. While another is being read it can wait: the list asks again when it has come. */
  async more() {
    const { cursor } = this.#store.state.list;
    if (cursor === null || this.#refreshing || this.#paging) return;
    this.#paging = true;
    await this.#page(cursor, this.#reading.signal);
    this.#paging = false;
  }

  /**
   * @param {string} query
   * @param {string | null} [tag] the same when left out
   */
  search(query, tag) {
    this.#reading.abort();
    this.#store.dispatch({ type: "search", query, tag });
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => void this.refreshList(), query.trim() ? TYPING_MS : 0);
  }

  /**
   * @param {string | null} cursor
   * @param {AbortSignal} signal
   */
  async #page(cursor, signal) {
    const { query, tag, view } = this.#store.state.list;
    try {
      const page = await listConversations({ query: query.trim(), tag, cursor, view, signal });
      if (!signal.aborted) this.#store.dispatch({ type: "listed", query, tag, view, ...page, append: cursor !== null });
    } catch (error) {
      if (signal.aborted) return;
      this.#note(error);
      this.#store.dispatch({ type: "list-failed" });
    }
  }

  /**
   * All pinned conversations: old ones are on none of the first pages.
   * @param {AbortSignal} signal
   */
  async #pinned(signal) {
    /** @type {import("./objects.js").Conversation[]} */
    const pinned = [];
    try {
      /** @type {string | null} */
      let cursor = null;
      for (let pages = 0; pages === 0 || (cursor !== null && pages < PINNED_PAGES); pages += 1) {
        /** @type {Awaited<ReturnType<typeof listConversations>>} */
        const page = await listConversations({ cursor, view: "pinned", signal });
        pinned.push(...page.conversations);
        cursor = page.next_cursor;
      }
      if (!signal.aborted) this.#store.dispatch({ type: "pinned", conversations: pinned });
    } catch (error) {
      if (!signal.aborted) this.#note(error);
    }
  }

  /** The open conversation, once more. */
  async reload() {
    const { id } = this.#store.state.open;
    if (id === null) return;
    try {
      const loaded = await loadConversation(id);
      this.#store.dispatch({ type: "loaded", ...loaded });
    } catch (error) {
      this.#note(error);
      if (error instanceof ApiError) this.#store.dispatch({ type: "load-failed", id, problem: error.problem });
    }
  }

  async models() {
    try {
      this.#store.dispatch({ type: "models", models: await listModels() });
    } catch (error) {
      this.#note(error); // one model is assumed: the server's default
    }
  }

  /**
   * The models once more: the servers of this machine come and go.
   * @param {number} now_ms
   */
  async modelsAgain(now_ms) {
    if (now_ms < this.#modelsAt) return;
    this.#modelsAt = now_ms + MODELS_MS;
    await this.models();
  }

  /** After a new connection: things may have changed while there was none. */
  async catchUp() {
    await Promise.all([this.refreshList(), this.reload(), this.models()]);
  }

  /** Over plain HTTP nobody tells the page what other tabs do, so it looks. */
  async poll() {
    const before = this.#store.state;
    const known = before.list.items.find(({ id }) => id === before.open.id);
    try {
      this.#store.dispatch({ type: "visitor", hello: await readVisitor() });
    } catch (error) {
      this.#note(error);
      return;
    }
    await this.refreshList();
    const now = this.#store.state;
    const fresh = now.list.items.find(({ id }) => id === now.open.id);
    if (!known || known.updated_at_ms !== fresh?.updated_at_ms || this.#unknownRunning()) await this.reload();
  }

  /** @returns {boolean} whether an answer runs in the open conversation that is not on the page */
  #unknownRunning() {
    const { running, open, messages } = this.#store.state;
    return [...running].some(([answer, conversation]) => conversation === open.id && !messages.has(answer));
  }

  /** Reads the open conversation when the server knows of an answer in it that is not on the page. */
  async reloadIfBehind() {
    if (this.#unknownRunning() || this.#store.state.open.status === "failed") await this.reload();
  }

  /**
   * Looks whether the connection still carries anything.
   * @param {number} now_ms
   */
  async checkSilence(now_ms) {
    this.#checkAcknowledged(now_ms);
    const answer = runningHere(this.#store.state);
    if (!answer) return;
    const reached = answer.next + answer.reasoning_next;
    if (answer.id !== this.#progress.answer || reached !== this.#progress.reached) {
      this.#progress = { answer: answer.id, reached, since: now_ms };
    } else if (now_ms - this.#progress.since >= SILENT_MS) {
      this.#progress.since = now_ms;
      await this.#compare(answer.id, reached);
    }
  }

  /**
   * @param {string} id
   * @param {number} reached how far the page has it, text and reasoning together
   */
  async #compare(id, reached) {
    const { mode } = this.#store.state;
    if (mode !== "socket" && mode !== "http") return;
    try {
      const answer = await loadAnswer(id);
      const same = answer.next + answer.reasoning_next === reached;
      if (same && answer.status === "running") return; // the upstream is slow, not the connection
      this.#store.dispatch({ type: "answer", answer });
    } catch (error) {
      this.#note(error);
      if (error instanceof ApiError && error.problem.code === "not_found") await this.reload();
    }
    this.#connection.renew();
    this.#store.dispatch({ type: "unfollowed", answer: id });
  }

  /** @param {number} now_ms */
  #checkAcknowledged(now_ms) {
    const { outbox, mode } = this.#store.state;
    const id = outbox[0]?.frame.id ?? "";
    if (id !== this.#unacknowledged.id) this.#unacknowledged = { id, since: now_ms };
    if (id === "" || mode !== "socket" || now_ms - this.#unacknowledged.since < UNACKNOWLEDGED_MS) return;
    this.#unacknowledged.since = now_ms;
    this.#connection.renew();
  }

  /** @param {unknown} error */
  #note(error) {
    if (!(error instanceof ApiError)) throw error;
    if (error.unreachable) this.#connection.lost();
  }
}
