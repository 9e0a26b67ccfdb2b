/** Which conversations have an answer that ended while nobody looked: the list and the tab's title say so. Pure. */

/** @import {Status} from "../objects.js" */
/** @import {State} from "../state.js" */

/**
 * Answers that this page saw running have ended. One that was stopped is no news to whoever stopped it.
 *
 * Whether the reader looks is not known here: where they do, `seen` follows at once.
 * @param {State} state
 * @param {readonly string[]} conversations in which they were; "" for one that is not known
 * @param {Status | null} [status]
 * @returns {State} the same one when nothing changes
 */
export function answerReady(state, conversations, status = null) {
  if (status === "stopped") return state;
  const news = conversations.filter((id) => id !== "" && !state.ready.has(id));
  return news.length ? { ...state, ready: new Set([...state.ready, ...news]) } : state;
}

/**
 * The reader looks at the page: what is in view is news no more.
 * @param {State} state
 * @returns {State} the same one when nothing changes
 */
export function seen(state) {
  const { id } = state.open;
  if (id === null || !state.ready.has(id)) return state;
  return { ...state, ready: new Set([...state.ready].filter((other) => other !== id)) };
}
