/** What a screen reader is told about answers: their beginning and their end, and between them sentences for those who want them. Pure. */

import { ending } from "../endings.js";
import { say, sayMany } from "../say.js";
import { sentencesFrom } from "../spoken.js";

/** @import {Answer} from "../objects.js" */
/** @import {Device} from "../device.js" */

/** Sentences are not said more often than this: each time the reader's voice begins anew. */
const BETWEEN_MS = 2_000;

/**
 * What was heard last, so that nothing is said twice.
 * @typedef {object} Heard
 * @property {string} view the conversation it was in
 * @property {Answer | null} answer the newest answer as it was
 * @property {{at: number, code: boolean}} upto how far its sentences were said
 * @property {number} said_at_ms
 */

/** @type {Heard} */
export const NOTHING_HEARD = { view: "", answer: null, upto: { at: 0, code: false }, said_at_ms: -BETWEEN_MS };

/**
 * What to say now, and what was heard by then.
 * @param {Heard | null} known what was heard before; null: nothing
 * @param {{view: string, answer: Answer | null, spoken: Device["spoken"]}} now the conversation in view and its newest answer
 * @param {number} now_ms
 * @returns {{heard: Heard, say: string}} `say` is "" when there is nothing new
 */
export function announce(known, { view, answer, spoken }, now_ms) {
  const heard = known ?? NOTHING_HEARD;
  const before = view === heard.view ? heard.answer : null;
  if (before === answer && view === heard.view) return { heard, say: "" };
  const change = announcement(before, answer);
  const failed = answer !== null && answer.status !== "running" && answer.status !== "done" && answer.status !== "stopped";
  const same = before !== null && before.id === answer?.id;
  const upto = same ? heard.upto : { at: answer?.text.length ?? 0, code: false };
  const next = { view, answer, upto, said_at_ms: same ? heard.said_at_ms : -BETWEEN_MS };
  if (spoken === "quiet") return { heard: next, say: failed ? change : "" };
  if (spoken === "ends" || answer === null || !same || before.status !== "running") return { heard: next, say: change };
  const ended = answer.status !== "running";
  if (!ended && now_ms - heard.said_at_ms < BETWEEN_MS) return { heard: next, say: change };
  const { say, ...reached } = sentencesFrom(answer.text, upto, ended);
  if (say) next.said_at_ms = now_ms;
  return { heard: { ...next, upto: reached }, say: [say, change].filter((part) => part !== "").join(" ") };
}

/**
 * The sentence for a change of the answer in view; "" keeps silent.
 * @param {Answer | null} before the newest answer as it was
 * @param {Answer | null} now the newest answer of the same conversation
 * @returns {string}
 */
export function announcement(before, now) {
  if (!now) return "";
  if (now.status === "running") return before?.id === now.id && before.status === "running" ? "" : say("Answering…");
  if (before?.id !== now.id || before.status !== "running") return "";
  const count = now.text.match(/\S+/g)?.length ?? 0;
  if (now.status === "done") return [sayMany(count, "Finished, {count} word.", "Finished, {count} words."), ending(now) ?? ""].join(" ").trim();
  if (now.status === "stopped") return sayMany(count, "Stopped, {count} word.", "Stopped, {count} words.");
  return say("The answer failed: {reason}", { reason: now.error?.message ?? say("the server stopped while it was writing.") });
}
