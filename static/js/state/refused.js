/** Requests that the server will not take: what was written goes back to where it can be sent again. Pure. */

import { joined } from "../draft.js";
import { say } from "../say.js";
import { attachedTo, fromServer } from "./attached.js";
import { remove } from "./outbox.js";
import { isPrivate, isPrivateRequest, PRIVATE } from "./private.js";

/** @import {Problem} from "../objects.js" */
/** @import {State} from "../state.js" */
/** @import {Waiting} from "./outbox.js" */

/** What is said when a question finds its conversation deleted. */
export const CONVERSATION_LOST = say("Your message was not taken, because its conversation was deleted. It stands in a new conversation.");

const PRIVATE_LOST = say("Your message was not taken, because this private conversation has ended. It stands in a new private one.");

/**
 * A request the server will not take: its text, files and options go back where they came from, with the reason.
 * @param {State} state
 * @param {Waiting} waiting
 * @param {Problem} problem
 * @returns {State}
 */
export function refused(state, waiting, problem) {
  const { frame, view, files = [] } = waiting;
  const next = { ...state, outbox: remove(state.outbox, frame.id) };
  if (frame.type !== "ask") return { ...next, notice: { view: state.open.view, message: problem.message } };
  const here = view === state.open.view;
  const lost = frame.conversation !== undefined && conversationGone(problem);
  const begun = isPrivateRequest(waiting) ? PRIVATE : "new";
  const key = lost ? begun : (frame.conversation ?? (here ? (state.open.id ?? begun) : begun));
  const message = lost ? (begun === PRIVATE ? PRIVATE_LOST : CONVERSATION_LOST) : here ? problem.message : elsewhere(state, key, problem.message);
  next.notice = { view: state.open.view, message };
  next.drafts = { ...state.drafts, [key]: joined(frame.text, state.drafts[key] ?? "") };
  if (files.length) next.attached = { ...state.attached, [key]: [...files.map(fromServer), ...attachedTo(state, key)] };
  if (frame.options && (key === "new" || isPrivate(state.open.view))) next.options = frame.options;
  return next;
}

/**
 * @param {State} state
 * @param {string} key of the draft that the message is now
 * @param {string} why
 * @returns {string} what a reader is told who has moved on
 */
function elsewhere({ list }, key, why) {
  if (key === "new") return say("A message was not taken: {why} It stands in a new conversation.", { why });
  const title = list.items.find(({ id }) => id === key)?.title;
  if (!title) return say("A message in another conversation was not taken: {why} It stands in that conversation's draft.", { why });
  return say("A message in “{title}” was not taken: {why} It stands in that conversation's draft.", { title, why });
}

/**
 * Whether a question was refused because its conversation is not there any more. A message that it follows or a file
 * of it can be missing as well, with the same code: only the words tell.
 * @param {Problem} problem
 * @returns {boolean}
 */
function conversationGone({ code, message }) {
  return code === "not_found" && message.includes("conversation");
}
