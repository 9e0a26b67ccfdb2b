/** How what the server says over HTTP changes the state: conversations, answers, the visitor. Pure. */

import { knownAnswer, runningAnswers } from "./answers.js";
import { editedAgain } from "./editing.js";
import { isPrivate } from "./private.js";
import { answerReady } from "./ready.js";
import { mergeMessages, NO_MESSAGES } from "./tree.js";

/** @import {HelloFrame} from "../frames.js" */
/** @import {Handler, State} from "../state.js" */
/** @import {Messages} from "./tree.js" */

/**
 * @param {State} state
 * @param {HelloFrame} hello
 * @returns {State}
 */
export function withVisitor(state, { running, limits, preferences, closed }) {
  const now = new Map(running.map(({ answer, conversation }) => [answer, conversation]));
  // What ran before the connection was lost and runs no more has ended meanwhile.
  const ended = [...state.running].flatMap(([answer, conversation]) => (now.has(answer) ? [] : [conversation]));
  const told = answerReady(state, ended);
  return { ...told, limits: limits ?? state.limits, preferences: preferences ?? state.preferences, running: now, site: closedSign(closed) };
}

/**
 * @param {string | undefined} closed what the owner says while nobody can ask
 * @returns {State["site"]}
 */
export function closedSign(closed) {
  return closed === undefined ? null : { kind: "closed", words: closed };
}

/** @type {Handler<"open">} */
export function onOpen(state, { id, view }) {
  const conversation = state.list.items.find((item) => item.id === id) ?? null;
  return {
    ...state,
    open: { id, view, status: id === null ? "new" : "loading", conversation },
    messages: NO_MESSAGES,
    leaf: null,
    notice: null,
    panel: null,
    editing: null,
    options: isPrivate(state.open.view) ? {} : state.options,
    link: { ...state.link, chosen: [] },
    // A new conversation begins with the model the visitor uses by default; without one, with the last.
    model: id === null && state.preferences.default_model !== null ? null : state.model,
  };
}

/** @type {Handler<"loaded">} */
export function onLoaded(state, { conversation, messages: loaded }) {
  if (state.open.id !== conversation.id) return state;
  const messages = mergeMessages(state.messages, loaded);
  // A leaf the reply does not know was added while the reply was on its way: it is the newer one.
  const newer = state.leaf !== null && messages.has(state.leaf) && !loaded.some(({ id }) => id === state.leaf);
  const running = new Map(state.running);
  for (const [answer, where] of running) if (where === conversation.id) running.delete(answer);
  for (const { id } of runningAnswers(messages)) running.set(id, conversation.id);
  return {
    ...state,
    messages,
    running,
    leaf: newer ? state.leaf : conversation.leaf,
    editing: state.open.status === "ready" ? state.editing : editedAgain(state, loaded),
    open: { ...state.open, status: "ready", conversation },
    stopping: stillStopping(state, messages),
  };
}

/** @type {Handler<"answer">} */
export function onAnswer(state, { answer }) {
  if (!state.messages.has(answer.id)) return state;
  const messages = mergeMessages(state.messages, [answer]);
  const running = new Map(state.running);
  if (answer.status !== "running") running.delete(answer.id);
  return { ...state, messages, running, stopping: stillStopping(state, messages) };
}

/**
 * @param {State} state
 * @param {Messages} messages
 * @returns {ReadonlySet<string>}
 */
function stillStopping(state, messages) {
  return new Set([...state.stopping].filter((id) => (knownAnswer(messages, id)?.status ?? "running") === "running"));
}

/** @type {Handler<"load-failed">} */
export function onLoadFailed(state, { id, problem }) {
  if (state.open.id !== id) return state;
  if (problem.code === "not_found") {
    return { ...state, open: { ...state.open, status: "missing", conversation: null }, messages: NO_MESSAGES, leaf: null };
  }
  // A conversation that is already on the page stays there: a failed refresh takes nothing away.
  return state.open.status === "ready" ? state : { ...state, open: { ...state.open, status: "failed" } };
}
