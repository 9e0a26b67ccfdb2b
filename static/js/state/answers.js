/**
 * How an answer grows: deltas by offset, and its end. Pure.
 *
 * Text and reasoning each have offsets of their own, and all offsets are the server's. One that is behind ours is
 * a repetition; one that is ahead means something is missing, and the answer is followed again from our own.
 */

import { isAnswer } from "../objects.js";

/** @import {Answer} from "../objects.js" */
/** @import {DeltaFrame, EndedFrame, Part} from "../frames.js" */
/** @import {Messages} from "./tree.js" */

/** @typedef {{answer: string, part: Part}} Place */
/** @typedef {{messages: Messages, gaps: Place[], grown: Place[]}} Grown `gaps`: what misses something; `grown`: what got more */

/**
 * Applies deltas in order.
 * @param {Messages} messages
 * @param {readonly DeltaFrame[]} deltas
 * @returns {Grown}
 */
export function applyDeltas(messages, deltas) {
  /** @type {Map<string, Answer>} */
  const changed = new Map();
  /** @type {{gaps: Map<string, Place>, grown: Map<string, Place>}} */
  const { gaps, grown } = { gaps: new Map(), grown: new Map() };
  for (const delta of deltas) {
    const answer = changed.get(delta.answer) ?? knownAnswer(messages, delta.answer);
    if (!answer || delta.offset < reached(answer, delta.part)) continue;
    const place = { answer: answer.id, part: delta.part };
    const key = `${delta.part} ${answer.id}`;
    if (delta.offset > reached(answer, delta.part)) {
      gaps.set(key, place);
      continue;
    }
    changed.set(answer.id, longer(answer, delta));
    grown.set(key, place);
    gaps.delete(key);
  }
  return {
    messages: changed.size ? new Map([...messages, ...changed]) : messages,
    gaps: [...gaps.values()],
    grown: [...grown.values()],
  };
}

/**
 * @param {Answer} answer
 * @param {Part} part
 * @returns {number} the offset up to which this page has it
 */
function reached(answer, part) {
  return part === "text" ? answer.next : answer.reasoning_next;
}

/**
 * @param {Answer} answer
 * @param {DeltaFrame} delta
 * @returns {Answer}
 */
function longer(answer, { part, text, next }) {
  if (part === "text") return { ...answer, text: answer.text + text, next };
  return { ...answer, reasoning: answer.reasoning + text, reasoning_next: next };
}

/**
 * Applies an end, unless something is missing before it: then there is a gap and the answer stays as it is.
 * @param {Messages} messages
 * @param {EndedFrame} frame
 * @returns {Grown}
 */
export function applyEnded(messages, frame) {
  const answer = knownAnswer(messages, frame.answer);
  if (!answer || answer.status !== "running") return { messages, gaps: [], grown: [] };
  const parts = /** @type {const} */ (["text", "reasoning"]);
  const end = { text: frame.next, reasoning: frame.reasoning_next };
  const places = parts.map((part) => ({ answer: answer.id, part }));
  const gaps = places.filter(({ part }) => end[part] > reached(answer, part));
  if (gaps.length) return { messages, gaps, grown: [] };
  const ended = { ...answer, status: frame.status, error: frame.error, usage: frame.usage };
  return { messages: new Map(messages).set(answer.id, ended), gaps, grown: places };
}

/**
 * @param {Messages} messages
 * @param {string} id
 * @returns {Answer | null}
 */
export function knownAnswer(messages, id) {
  const message = messages.get(id);
  return message && isAnswer(message) ? message : null;
}

/**
 * The running answers among these messages.
 * @param {Messages} messages
 * @returns {Answer[]}
 */
export function runningAnswers(messages) {
  /** @type {Answer[]} */
  const running = [];
  for (const message of messages.values()) if (isAnswer(message) && message.status === "running") running.push(message);
  return running;
}
