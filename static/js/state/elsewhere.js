/**
 * A branch that another tab went to while an answer was being written here: nobody is led away from that answer, and
 * when it has ended this tab goes there as well, so that all of them show the same again. Pure.
 */

import { knownAnswer } from "./answers.js";

/** @import {State} from "../state.js" */

/**
 * @param {State} state
 * @returns {boolean} whether the answer at the end of the shown branch is being written
 */
function isWriting({ messages, leaf }) {
  return leaf !== null && knownAnswer(messages, leaf)?.status === "running";
}

/**
 * @param {State} state
 * @param {string} leaf the end of a branch that another tab chose
 * @returns {State} there, now or later
 */
export function wentElsewhere(state, leaf) {
  return isWriting(state) ? { ...state, link: { ...state.link, elsewhere: leaf } } : { ...state, leaf };
}

/**
 * The state after an event, with what the event means for the branch that waits.
 * @param {State} before
 * @param {State} state
 * @returns {State}
 */
export function caughtUp(before, state) {
  const { elsewhere } = state.link;
  if (elsewhere === null) return state;
  const link = { ...state.link, elsewhere: null };
  // Whatever leads to another branch is newer than what waits.
  if (state.leaf !== before.leaf || state.open.id !== before.open.id) return { ...state, link };
  if (isWriting(state)) return state;
  return { ...state, link, leaf: state.messages.has(elsewhere) ? elsewhere : state.leaf };
}
