/** What the chat reads over HTTP: the conversation to go on with, the same once more, an answer that has gone silent. No DOM. */

import { ApiError } from "../api.js";
import { newId } from "../ids.js";
import { say } from "../say.js";
import { runningHere } from "../state/view.js";
import { loadAnswer, loadConversation, loadNewest } from "./api.js";

/** @import {Problem} from "../objects.js" */
/** @import {Store} from "../store.js" */
/** @import {Line} from "./line.js" */
/** @import {Session} from "./session.js" */

/** A running answer, or a question that was not acknowledged, without news for this long: the connection may be half dead. */
const SILENT_MS = 15_000;

/** Reads, and tells the store. */
export class Loading {
  #session;
  #store;
  #line;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #silence;
  /** What is being read for an earlier conversation or visitor is not wanted any more. */
  #epoch = 0;

  /**
   * @param {Session} session
   * @param {Store} store
   * @param {Line} line
   */
  constructor(session, store, line) {
    this.#session = session;
    this.#store = store;
    this.#line = line;
  }

  /** Whatever is being read belongs to what was before. */
  forget() {
    this.#epoch += 1;
  }

  /**
   * @param {"auto" | "always"} resume
   * @param {(problem: Problem) => void} refused
   */
  async resume(resume, refused) {
    const epoch = this.#epoch;
    try {
      const { conversation, messages } = await this.#session.with((access) => loadNewest(access, resume));
      const { open, outbox } = this.#store.state;
      // Whoever was quicker has begun a new one.
      if (!conversation || open.id !== null || outbox.length || epoch !== this.#epoch) return;
      this.#store.dispatch({ type: "open", id: conversation.id, view: conversation.id });
      this.#store.dispatch({ type: "loaded", conversation, messages });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (!error.unreachable && epoch === this.#epoch) refused(error.problem);
    }
  }

  async reload() {
    const epoch = this.#epoch;
    const { id } = this.#store.state.open;
    if (id === null) return;
    try {
      const { conversation, messages } = await this.#session.with((access) => loadConversation(access, id));
      if (conversation && epoch === this.#epoch) this.#store.dispatch({ type: "loaded", conversation, messages });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (error.problem.code === "not_found" && epoch === this.#epoch) this.#lost();
    }
  }

  /** The conversation is not here any more: it was taken along to a page of its own, or deleted. What was written stays. */
  #lost() {
    const { outbox, notice } = this.#store.state;
    if (outbox.length) return;
    this.#store.dispatch({ type: "open", id: null, view: newId() });
    this.#store.dispatch({ type: "notice", message: notice?.message ?? say("This conversation goes on elsewhere. Here a new one can begin.") });
  }

  /** @param {boolean} wanted whether there should be news */
  watchSilence(wanted) {
    clearTimeout(this.#silence);
    if (wanted) this.#silence = setTimeout(() => void this.#compare(), SILENT_MS);
  }

  async #compare() {
    const running = runningHere(this.#store.state);
    if (!running) {
      this.#line.renew();
      return;
    }
    try {
      const answer = await this.#session.with((access) => loadAnswer(access, running.id));
      const grown = answer.status !== "running" || answer.next + answer.reasoning_next > running.next + running.reasoning_next;
      if (!grown) return this.watchSilence(true); // the model is slow, not the connection
      this.#store.dispatch({ type: "answer", answer });
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
    }
    this.#line.renew();
    this.#store.dispatch({ type: "unfollowed", answer: running.id });
  }
}
