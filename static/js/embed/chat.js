/** The one conversation of the frame: what is asked, how it is gone on with, and what the host page is told of it. No DOM. */

import { joined } from "../draft.js";
import { askFrame } from "../frames.js";
import { newId } from "../ids.js";
import { draftKey, initialState } from "../state.js";
import { rememberedBranch, runningHere, waitingInView } from "../state/view.js";
import { Store } from "../store.js";
import { handOver } from "./api.js";
import { Line } from "./line.js";
import { Loading } from "./loading.js";
import { tooLong } from "./problems.js";
import { Rest } from "./rest.js";
import { Telling } from "./telling.js";
import { Visit } from "./visit.js";

/** @import {AskFrame, ErrorFrame, RequestFrame, ServerFrame, HelloFrame} from "../frames.js" */
/** @import {Problem} from "../objects.js" */
/** @import {State} from "../state.js" */
/** @import {Place} from "./place.js" */
/** @import {Session} from "./session.js" */
/** @import {Kept} from "./storage.js" */
/** @import {Waiting} from "../state/outbox.js" */

/** @typedef {(problem: Problem | null) => void} Done is told why a question was not taken, or that it was */

/** The chat. */
export class Chat {
  #place;
  #visit;
  #branch = rememberedBranch();
  /** @type {Map<string, Done>} by the question's id */
  #asked = new Map();
  /** @type {Record<string, string>} what the host page says of itself */
  #facts = {};
  #restored = false;
  /** @type {readonly Waiting[]} of the page before, until they are asked again */
  #left;
  #loading;
  telling = new Telling();

  /**
   * @param {Place} place
   * @param {Session} session
   * @param {Kept} kept for the visit: gone with the tab
   */
  constructor(place, session, kept) {
    this.#place = place;
    this.telling.shares = place.shareMessages;
    this.#visit = new Visit(kept);
    this.#left = this.#visit.waiting;
    this.session = session;
    this.store = new Store(initialState({ open: { id: null, view: newId(), status: "new", conversation: null } }));
    this.line = new Line(session, {
      onMode: (mode) => this.store.dispatch({ type: "mode", mode }),
      onLinked: (mode, hello) => this.#linked(mode, hello),
      onFrame: (frame) => this.#take(frame),
      onUnfollowed: (answer) => this.#unfollowed(answer),
      onRefused: (problem) => this.#refused(problem),
    });
    this.#loading = new Loading(session, this.store, this.line);
    this.rest = new Rest(() => this.line.lay(), () => this.busy);
    this.store.send = (frame) => this.line.send(frame);
    this.store.watch((state, before) => this.#changed(state, before));
  }

  /** Whether an answer runs here, or a question waits. */
  get busy() {
    const { state } = this.store;
    return runningHere(state) !== null || waitingInView(state).length > 0;
  }

  /** @param {State} [state] */
  shown({ messages, leaf } = this.store.state) {
    return this.#branch(messages, leaf);
  }

  /** @param {Place} place as the host page wants it */
  place(place) {
    this.#place = place;
  }

  /** Goes on with what was before, where there is anything: else nobody is asked for anything. */
  async restore() {
    if (this.#restored) return;
    this.#restored = true;
    const { resume } = this.#place;
    void this.session.settle().catch(() => {}); // the next question tries it again
    if (resume !== "never" && this.session.known && !this.#visit.fresh) await this.#resume(resume);
    const waiting = this.#left;
    this.#left = [];
    for (const one of waiting) this.#queue(one.frame);
    this.#visit.waiting = this.store.state.outbox; // without those that were given back
  }

  /** @param {Record<string, string>} facts */
  context(facts) {
    this.#facts = facts;
  }

  /**
   * @param {string} text
   * @param {{id?: string, done?: Done}} [options]
   */
  send(text, { id = newId(), done } = {}) {
    const { open } = this.store.state;
    const asked = askFrame({ id, text, conversation: open.id, parent: this.shown().at(-1)?.message.id ?? null, model: null });
    if (done) this.#asked.set(id, done);
    this.#queue(Object.keys(this.#facts).length ? Object.assign(asked, { context: this.#facts }) : asked);
  }

  /**
   * @param {"again" | "continue"} type
   * @param {string} answer
   */
  redo(type, answer) {
    this.#queue({ type, id: newId(), answer });
  }

  stop() {
    const running = runningHere(this.store.state);
    if (running) this.store.dispatch({ type: "stop", answer: running.id });
  }

  /** @param {string} message */
  choose(message) {
    this.store.dispatch({ type: "choose", message });
  }

  /** A new conversation, which begins with the next question. */
  renew() {
    this.stop();
    this.#clear();
    this.#visit.fresh = true;
  }

  /**
   * Nothing of the conversation is here any more. What was written and not asked stands in the composer again.
   * @param {readonly string[]} [texts] that come back as well
   */
  #clear(texts = []) {
    this.#loading.forget();
    const waiting = [...this.#left, ...this.store.state.outbox];
    this.#left = [];
    const written = [...texts, ...waiting.flatMap(({ frame }) => (frame.type === "ask" ? [frame.text] : []))];
    this.store.dispatch({ type: "open", id: null, view: newId() });
    const { open } = this.store.state;
    if (written.length) this.store.dispatch({ type: "draft", key: draftKey(open), text: written.reduce(joined) });
    for (const { frame } of waiting) {
      this.store.dispatch({ type: "discard", id: frame.id });
      this.#settle(frame.id, { code: "cancelled", message: "" });
    }
    this.#visit.waiting = this.store.state.outbox;
  }

  /**
   * @param {string | null} jwt null: whoever it was has gone
   * @returns {Promise<void>} Rejects with an `ApiError`
   */
  async identify(jwt) {
    this.#restored = true;
    if (jwt === null) return this.#leave();
    await this.session.identify(jwt);
    this.line.lay();
    this.#clear(this.#unanswered());
    this.#visit.fresh = false;
    const { resume } = this.#place;
    if (resume !== "never") await this.#resume(resume);
  }

  /** Here nobody finds the conversation again, whether or not the server can be told of it at once. */
  async #leave() {
    this.line.lay();
    this.#clear();
    if (this.session.known) this.#visit.fresh = true;
    await this.session.leave();
  }

  /** @returns {string[]} the question whose answer is being written, and will not be seen here */
  #unanswered() {
    const { state } = this.store;
    const asked = state.messages.get(runningHere(state)?.parent ?? "");
    return asked?.role === "user" ? [asked.text] : [];
  }

  /** @returns {Promise<string | null>} where the conversation can be gone on with in a page of its own */
  async handOver() {
    const { id } = this.store.state.open;
    return id === null ? null : this.session.with((access) => handOver(access, id));
  }

  /** The visitor is here, or the network is back. */
  wake(doubt = false) {
    if (this.line.up) this.line.wake({ doubt });
    else if (this.store.state.open.id !== null && this.busy) this.line.take();
    if (this.line.up) this.rest.touch();
  }

  end() {
    this.rest.end();
    this.#loading.watchSilence(false);
    this.line.lay();
  }

  /** @param {"auto" | "always"} resume */
  async #resume(resume) {
    await this.#loading.resume(resume, (problem) => this.#refused(problem));
    if (this.busy) this.line.take();
  }

  /** @param {RequestFrame} frame */
  #queue(frame) {
    const problem = tooLong(frame);
    if (problem && frame.type === "ask") return this.#giveBack(frame, problem);
    this.store.dispatch({ type: "queue", waiting: { frame, view: this.store.state.open.view } });
    this.line.take();
    this.rest.touch();
  }

  /**
   * A question that cannot be sent stands in the composer again, with the reason.
   * @param {AskFrame} frame
   * @param {Problem} problem
   */
  #giveBack({ id, text }, problem) {
    const { open, drafts } = this.store.state;
    const key = draftKey(open);
    this.store.dispatch({ type: "draft", key, text: joined(text, drafts[key] ?? "") });
    this.store.dispatch({ type: "notice", message: problem.message });
    this.#problem(id, null, problem);
  }

  /**
   * @param {"socket" | "http"} mode
   * @param {HelloFrame} hello
   */
  #linked(mode, hello) {
    this.store.dispatch({ type: "linked", mode, hello });
    this.rest.touch();
    void this.#loading.reload();
  }

  /**
   * An error that names nothing is about what the server could not read. Where that can only be one question, it is not asked
   * again, as it would be with each connection.
   * @param {ErrorFrame} frame
   * @returns {ErrorFrame}
   */
  #named(frame) {
    const { outbox, link } = this.store.state;
    const [only] = outbox;
    const meant = frame.id === null && frame.answer === null && only && outbox.length === 1 && link.sent.has(only.frame.id);
    return meant ? { ...frame, id: only.frame.id } : frame;
  }

  /** @param {Exclude<ServerFrame, HelloFrame>} given */
  #take(given) {
    const frame = given.type === "error" ? this.#named(given) : given;
    this.rest.touch();
    if (frame.type === "error" && frame.problem.code === "not_signed_in" && this.line.signInAgain()) return;
    const begins = frame.type === "started" && this.store.state.open.id === null;
    this.store.take(frame);
    if (frame.type === "started") {
      if (this.store.state.open.id !== null) this.#visit.fresh = false;
      this.telling.started(frame.message, begins);
      this.#settle(frame.id, null);
    }
    if (frame.type === "ended") this.telling.message(this.store.state.messages.get(frame.answer));
    if (frame.type === "error") this.#problem(frame.id, frame.answer, frame.problem);
  }

  /**
   * @param {string | null} id
   * @param {string | null} answer
   * @param {Problem} problem
   */
  #problem(id, answer, problem) {
    this.telling.problem(problem);
    if (id !== null) this.#settle(id, problem);
    if (answer !== null || problem.code === "not_found") void this.#loading.reload();
  }

  /** @param {string} answer */
  #unfollowed(answer) {
    this.store.dispatch({ type: "unfollowed", answer });
    void this.#loading.reload();
  }

  /**
   * Nothing will be answered here: what was asked goes back into the composer, with the reason.
   * @param {Problem} problem
   */
  #refused(problem) {
    this.line.lay();
    const waiting = this.store.state.outbox;
    for (const { frame } of waiting) this.#take({ type: "error", id: frame.id, answer: null, problem });
    if (waiting.length) return;
    this.store.dispatch({ type: "notice", message: problem.message });
    this.telling.problem(problem);
  }

  /**
   * @param {string} id
   * @param {Problem | null} problem
   */
  #settle(id, problem) {
    this.#asked.get(id)?.(problem);
    this.#asked.delete(id);
  }

  /**
   * @param {State} state
   * @param {State} before
   */
  #changed(state, before) {
    if (state.outbox !== before.outbox) this.#visit.waiting = state.outbox;
    if (state.mode !== before.mode && state.mode === "offline" && this.line.up && this.busy) this.telling.error("offline");
    this.#loading.watchSilence(this.busy && this.line.up);
  }
}
