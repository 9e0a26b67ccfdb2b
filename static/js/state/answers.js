/**
 * How an answer grows: deltas by offset, and its end. Pure.
 *
 * Offsets are the server's. One that is behind ours is a repetition; one that is ahead means something is
 * missing, and the answer is followed again from our own offset.
 */

import { isAnswer } from "../objects.js";

/** @import {Answer} from "../objects.js" */
/** @import {DeltaFrame, EndedFrame} from "../frames.js" */
/** @import {Messages} from "./tree.js" */

/** @typedef {{messages: Messages, gaps: string[], grown: string[]}} Grown `gaps`: answers that miss text; `grown`: that got it */

/**
 * Applies deltas in order.
 * @param {Messages} messages
 * @param {readonly DeltaFrame[]} deltas
 * @returns {Grown}
 */
export function applyDeltas(messages, deltas) {
  /** @type {Map<string, Answer>} */
  const grown = new Map();
  /** @type {Set<string>} */
  const gaps = new Set();
  for (const delta of deltas) {
    const answer = grown.get(delta.answer) ?? knownAnswer(messages, delta.answer);
    if (!answer || delta.offset < answer.next) continue;
    if (delta.offset > answer.next) {
      gaps.add(answer.id);
      continue;
    }
    grown.set(answer.id, { ...answer, text: answer.text + delta.text, next: delta.next });
    gaps.delete(answer.id);
  }
  return { messages: grown.size ? new Map([...messages, ...grown]) : messages, gaps: [...gaps], grown: [...grown.keys()] };
}

/**
 * Applies an end, unless text is missing before it: then the answer is a gap and stays as it is.
 * @param {Messages} messages
 * @param {EndedFrame} frame
 * @returns {Grown}
 */
export function applyEnded(messages, frame) {
  const answer = knownAnswer(messages, frame.answer);
  if (!answer || answer.status !== "running") return { messages, gaps: [], grown: [] };
  if (frame.next > answer.next) return { messages, gaps: [answer.id], grown: [] };
  const ended = { ...answer, status: frame.status, error: frame.error, usage: frame.usage };
  return { messages: new Map(messages).set(answer.id, ended), gaps: [], grown: [answer.id] };
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
