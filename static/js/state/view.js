/** What the elements show, drawn from the state. Pure; the branch is remembered while its inputs stay the same. */

import { isAnswer } from "../objects.js";
import { runningAnswers } from "./answers.js";
import { branch, sameTree } from "./tree.js";

/** @import {Answer, Model, ModelOptions} from "../objects.js" */
/** @import {State} from "../state.js" */
/** @import {Waiting} from "./outbox.js" */
/** @import {Messages, Shown} from "./tree.js" */

/**
 * A `branch` that computes again only when its inputs change, and keeps what stays the same: while an answer grows,
 * only its own entry is a new one.
 * @returns {(messages: Messages, leaf: string | null) => readonly Shown[]}
 */
export function rememberedBranch() {
  /** @type {{messages: Messages, leaf: string | null, shown: readonly Shown[]} | null} */
  let last = null;
  return (messages, leaf) => {
    if (last?.messages === messages && last.leaf === leaf) return last.shown;
    const grown = last !== null && last.leaf === leaf && sameTree(last.messages, messages);
    const shown = last && grown ? withNewTexts(last.shown, messages) : kept(last?.shown ?? [], branch(messages, leaf));
    last = { messages, leaf, shown };
    return shown;
  };
}

/**
 * @param {readonly Shown[]} shown
 * @param {Messages} messages the same tree, with other texts
 * @returns {readonly Shown[]}
 */
function withNewTexts(shown, messages) {
  if (shown.every(({ message }) => messages.get(message.id) === message)) return shown;
  return shown.map((item) => {
    const message = messages.get(item.message.id);
    return !message || message === item.message ? item : { ...item, message };
  });
}

/**
 * @param {readonly Shown[]} before
 * @param {readonly Shown[]} now
 * @returns {readonly Shown[]} `now`, with the old entries where they say the same
 */
function kept(before, now) {
  const old = new Map(before.map((item) => [item.message.id, item]));
  return now.map((item) => {
    const known = old.get(item.message.id);
    const same = known?.message === item.message && known.siblings.join() === item.siblings.join();
    return same ? known : item;
  });
}

/** @type {readonly Waiting[]} always the same one, so that nothing is drawn again for it */
const NONE = [];

/**
 * Requests of the open conversation that the server has not taken yet.
 * @param {State} state
 * @returns {readonly Waiting[]}
 */
export function waitingInView(state) {
  if (!state.outbox.length) return NONE;
  return state.outbox.filter(({ frame, view }) => {
    if (frame.type !== "ask") return state.messages.has(frame.answer);
    if (frame.conversation !== undefined) return frame.conversation === state.open.id;
    return state.open.id === null && view === state.open.view;
  });
}

/**
 * The questions among them that are not in the conversation already.
 *
 * After a reload the server may have stored a question whose acknowledgement never arrived; it would show twice
 * until the request is sent again and acknowledged.
 * @param {State} state
 * @returns {readonly Waiting[]}
 */
export function questionsToShow(state) {
  if (!state.outbox.length) return NONE;
  return waitingInView(state).filter(({ frame }) => {
    if (frame.type !== "ask") return false;
    for (const message of state.messages.values()) {
      if (message.role === "user" && message.text === frame.text && message.parent === (frame.parent ?? null)) return false;
    }
    return true;
  });
}

/**
 * The answer being written in the open conversation; the last one when there are several.
 * @param {State} state
 * @returns {Answer | null}
 */
export function runningHere(state) {
  return runningAnswers(state.messages).at(-1) ?? null;
}

/**
 * The model that the next question goes to; null while the models are not known.
 * @param {State} state
 * @returns {Model | null}
 */
export function chosenModel({ models, model, preferences }) {
  const named = (/** @type {string | null} */ name) => models.find(({ id }) => id === name);
  return named(model) ?? named(preferences.default_model) ?? models.find((one) => one.default) ?? models[0] ?? null;
}

/**
 * The reader's choice of a model, or else the one they use by default, while there is such a model: servers of this
 * machine come and go.
 * @param {State} state
 * @returns {string | null} null leaves it to the server
 */
export function wantedModel({ models, model, preferences }) {
  const known = (/** @type {string | null} */ name) => name !== null && (!models.length || models.some(({ id }) => id === name));
  return [model, preferences.default_model].find(known) ?? null;
}

/**
 * @param {State} state
 * @returns {boolean} whether nobody answers but the built-in guide, so that whoever runs the site may want a model
 */
export function onlyGuide({ models }) {
  return models.length > 0 && models.every(({ id }) => id === "guide");
}

/**
 * @param {State} state
 * @returns {string | null} the sentence that belongs to the open view
 */
export function noticeHere({ notice, open }) {
  return notice?.view === open.view ? notice.message : null;
}

/**
 * The options of the open conversation, also of one that is only about to be.
 * @param {State} state
 * @returns {ModelOptions}
 */
export function optionsHere(state) {
  if (state.open.conversation) return state.open.conversation.options;
  const first = waitingInView(state)[0]?.frame;
  return first?.type === "ask" ? (first.options ?? {}) : state.options;
}

/**
 * @param {ModelOptions} options
 * @returns {boolean} whether anything is not left to the model
 */
export function anySet(options) {
  return Object.values(options).some((value) => value !== undefined);
}

/**
 * Where the model's view of this branch begins, as its newest answer that knows it says.
 * @param {readonly Shown[]} shown
 * @returns {string | null} the id of the first message it saw; null when it saw all
 */
export function historyFrom(shown) {
  for (const { message } of shown.toReversed()) {
    if (isAnswer(message) && message.usage) return message.usage.history_from ?? null;
  }
  return null;
}
