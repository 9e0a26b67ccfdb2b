/** How the server's frames change the state. Pure. */

import { applyEnded, knownAnswer } from "./answers.js";
import { changed, upsert, without } from "./conversations.js";
import { withoutEdits } from "./editing.js";
import { wentElsewhere } from "./elsewhere.js";
import { draftOfNew } from "./held.js";
import { afterGaps, letGo, refuse, toldOfChoice, withFollowing } from "./link.js";
import { find, isFinal, remove } from "./outbox.js";
import { answerReady } from "./ready.js";
import { refused } from "./refused.js";
import { closedSign } from "./replies.js";
import { mergeMessages, NO_MESSAGES, without as withoutMessages } from "./tree.js";

/** @import {ChangedFrame, DeltaFrame, EndedFrame, ErrorFrame, HelloFrame, ServerFrame, StartedFrame} from "../frames.js" */
/** @import {State} from "../state.js" */

/**
 * @param {State} state
 * @param {Exclude<ServerFrame, HelloFrame | DeltaFrame>} frame
 * @returns {State}
 */
export function onFrame(state, frame) {
  switch (frame.type) {
    case "started":
      return onStarted(state, frame);
    case "ended":
      return onEnded(state, frame);
    case "changed":
      return onChanged(state, frame);
    case "error":
      return onError(state, frame);
  }
}

/**
 * @param {State} state
 * @param {StartedFrame} frame
 * @returns {State}
 */
function onStarted(state, frame) {
  const { id, conversation, message, answer } = frame;
  const asked = find(state.outbox, id);
  const next = { ...state, outbox: remove(state.outbox, id), list: upsert(state.list, conversation) };
  next.running = withRunning(state, answer.id, conversation.id, answer.status === "running");
  // The asker follows without asking, also when it has moved on meanwhile: then `due` lets go of it again.
  next.link = withFollowing(state.link, answer.id);
  const bornHere = asked !== null && state.open.id === null && asked.view === state.open.view;
  if (bornHere) Object.assign(next, draftOfNew(state, conversation.id));
  if (bornHere) next.open = { ...state.open, id: conversation.id, status: "ready", conversation };
  else if (state.open.id === conversation.id) next.open = { ...state.open, conversation };
  else return next;
  next.messages = mergeMessages(bornHere ? NO_MESSAGES : state.messages, [message, answer]);
  // An answer that began before this tab was reloaded may be known further already, and even ended.
  next.leaf = answer.id;
  return next;
}

/**
 * @param {State} state
 * @param {string} answer
 * @param {string} conversation
 * @param {boolean} runs
 * @returns {Map<string, string>}
 */
function withRunning(state, answer, conversation, runs) {
  const running = new Map(state.running);
  if (runs) running.set(answer, conversation);
  else running.delete(answer);
  return running;
}

/**
 * @param {State} state
 * @param {EndedFrame} frame
 * @returns {State}
 */
function onEnded(state, frame) {
  const { messages, gaps, grown } = applyEnded(state.messages, frame);
  // A gap keeps it running here: `due` then follows again from our offset and the end comes once more.
  const running = gaps.length ? state.running : withRunning(state, frame.answer, "", false);
  const link = afterGaps(gaps.length ? state.link : letGo(state.link, frame.answer), gaps, grown);
  const told = gaps.length ? state : answerReady(state, [state.running.get(frame.answer) ?? ""], frame.status);
  return { ...told, messages, running, link, stopping: withoutStop(state, frame.answer) };
}

/**
 * @param {State} state
 * @param {string} answer
 * @returns {ReadonlySet<string>}
 */
function withoutStop(state, answer) {
  if (!state.stopping.has(answer)) return state.stopping;
  const stopping = new Set(state.stopping);
  stopping.delete(answer);
  return stopping;
}

/**
 * @param {State} state
 * @param {ChangedFrame} frame
 * @returns {State}
 */
function onChanged(state, frame) {
  if (frame.what === "deleted") return gone(state, frame.deleted);
  if (frame.what === "restored") return back(state, frame);
  if (frame.what === "site") return { ...state, site: closedSign(frame.closed) };
  if (frame.what === "shares") return { ...state, shares: { ...state.shares, behind: true } };
  if (frame.what === "preferences") return frame.preferences ? { ...state, preferences: frame.preferences } : state;
  let next = { ...state, list: changed(state.list, frame) };
  if (state.open.id === frame.conversation) next = onChangedHere(next, frame);
  if (frame.what === "ended") next = onEndedSomewhere(next, frame);
  if (frame.what === "turn" && frame.answer) next = onTurn(next, frame);
  return next;
}

/**
 * Conversations were brought back. When the open one is among them, `main` reads it again.
 * @param {State} state
 * @param {ChangedFrame} frame
 * @returns {State}
 */
function back(state, frame) {
  const list = changed(state.list, frame);
  const { open } = state;
  if (open.status !== "missing" || !frame.restored.some(({ id }) => id === open.id)) return { ...state, list };
  return { ...state, list, open: { ...open, status: "loading" } };
}

/**
 * Something about the open conversation changed.
 * @param {State} state
 * @param {ChangedFrame} frame
 * @returns {State}
 */
function onChangedHere(state, frame) {
  const { open } = state;
  if (!open.conversation) return state;
  const { title, options, pinned, archived, tags } = open.conversation;
  const news = {
    title: frame.title ?? title,
    options: frame.options ?? options,
    pinned: frame.pinned ?? pinned,
    archived: frame.archived ?? archived,
    tags: frame.tags ?? tags,
  };
  const next = { ...state, open: { ...open, conversation: { ...open.conversation, ...news } } };
  if (frame.what === "pruned") return pruned(next, frame.message_ids, frame.leaf);
  if (frame.what === "leaf" && state.link.chosen.length) {
    // The server tells this tab, too, what was chosen here: until it has, what it says is older than what is shown.
    next.link = toldOfChoice(state.link, frame.leaf);
    return next;
  }
  return frame.what === "leaf" && frame.leaf !== null && state.messages.has(frame.leaf) ? wentElsewhere(next, frame.leaf) : next;
}

/**
 * A message was deleted with all that follow it.
 * @param {State} state
 * @param {readonly string[]} ids all that are gone: the server knows which these are, and only it
 * @param {string | null} leaf where the shown branch ends now, as the server chose
 * @returns {State}
 */
function pruned(state, ids, leaf) {
  const messages = withoutMessages(state.messages, ids);
  const kept = state.leaf !== null && messages.has(state.leaf);
  const running = new Map([...state.running].filter(([answer]) => messages.has(answer) || !state.messages.has(answer)));
  const editing = state.editing !== null && messages.has(state.editing) ? state.editing : null;
  return { ...state, messages, running, editing, drafts: withoutEdits(state, ids), leaf: kept ? state.leaf : leaf };
}

/**
 * @param {State} state
 * @param {ChangedFrame} frame
 * @returns {State}
 */
function onEndedSomewhere(state, frame) {
  const running = withoutRunning(state, frame);
  const told = running.size < state.running.size ? answerReady(state, [frame.conversation], frame.status) : state;
  return { ...told, running };
}

/**
 * Conversations were deleted. The open one says so, with nothing else in its place.
 * @param {State} state
 * @param {readonly string[]} ids
 * @returns {State} the same one when nothing changes
 */
export function gone(state, ids) {
  const lost = new Set(ids);
  const list = without(state.list, ids);
  const ready = ids.some((id) => state.ready.has(id)) ? new Set([...state.ready].filter((id) => !lost.has(id))) : state.ready;
  const ran = [...state.running.values()].some((id) => lost.has(id));
  const running = ran ? new Map([...state.running].filter(([, id]) => !lost.has(id))) : state.running;
  if (state.open.id !== null && lost.has(state.open.id)) {
    const open = { ...state.open, status: /** @type {const} */ ("missing"), conversation: null };
    return { ...state, list, ready, running, open, messages: NO_MESSAGES, leaf: null };
  }
  return list === state.list && ready === state.ready && !ran ? state : { ...state, list, ready, running };
}

/**
 * A turn that another tab began.
 * @param {State} state
 * @param {ChangedFrame} frame
 * @returns {State}
 */
function onTurn(state, { conversation, message, answer }) {
  if (!answer) return state;
  const running = withRunning(state, answer.id, conversation, answer.status === "running");
  if (state.open.id !== conversation) return { ...state, running };
  const messages = mergeMessages(state.messages, message ? [message, answer] : [answer]);
  return { ...state, running, messages, leaf: answer.id };
}

/**
 * @param {State} state
 * @param {ChangedFrame} frame
 * @returns {Map<string, string>}
 */
function withoutRunning(state, frame) {
  const gone = (/** @type {[string, string]} */ [answer, where]) =>
    frame.answer_id === null ? where === frame.conversation : answer === frame.answer_id;
  return new Map([...state.running].filter((entry) => !gone(entry)));
}

/**
 * @param {State} state
 * @param {ErrorFrame} frame
 * @returns {State}
 */
function onError(state, { id, answer, problem }) {
  const waiting = id === null ? null : find(state.outbox, id);
  if (waiting) return isFinal(problem.code) ? refused(state, waiting, problem) : state;
  if (answer === null) return { ...state, notice: { view: state.open.view, message: problem.message } };
  const next = { ...state, stopping: withoutStop(state, answer) };
  // A stop that came too late is no news: the answer has ended, and says so itself.
  if (state.stopping.has(answer) || !knownAnswer(state.messages, answer)) return next;
  return { ...next, link: refuse(state.link, answer) };
}
