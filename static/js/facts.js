/** What can be done about an answer, and the facts of its making. Pure. */

import { duration } from "./endings.js";
import { say } from "./say.js";

/** @import {Answer} from "./objects.js" */

const FINISH_WORDS = new Map([["stop", say("by itself")], ["length", say("at its greatest length")], ["content_filter", say("by its provider's rules")]]);

/**
 * Whether the model can be asked to go on from where the answer stands.
 * @param {Answer} answer
 * @returns {boolean}
 */
export function canContinue({ status, text, error, usage }) {
  if (status === "running" || text === "" || error?.code === "answer_too_long") return false;
  return status !== "done" || usage?.finish_reason === "length";
}

/**
 * The one thing to do about an answer that did not work out.
 * @param {Answer} answer
 * @param {number} now_ms the time
 * @returns {{what: "continue" | "again", label: string, wait_s: number} | null} `wait_s`: it is of no use before
 */
export function remedy(answer, now_ms) {
  const { status } = answer;
  if (canContinue(answer)) return { what: "continue", label: say("Continue"), wait_s: waitFor(answer, now_ms) };
  if (status !== "failed" && status !== "interrupted") return null;
  return { what: "again", label: say("Try again"), wait_s: waitFor(answer, now_ms) };
}

/**
 * @param {Answer} answer
 * @param {number} now_ms
 * @returns {number} whole seconds; never more than the server asked for, however wrong this machine's clock is
 */
function waitFor({ created_at_ms, error, usage }, now_ms) {
  const asked_s = error?.retry_after ?? 0;
  if (asked_s <= 0) return 0;
  const until_ms = created_at_ms + (usage?.duration_ms ?? 0) + asked_s * 1_000;
  return Math.ceil(Math.min(asked_s, Math.max(0, (until_ms - now_ms) / 1_000)));
}

/**
 * The facts of an ended answer's making, as far as they are known, in the order they are shown in.
 * @param {Answer} answer
 * @returns {{name: string, value: string}[]}
 */
export function facts({ model, usage }) {
  const used = usage?.model ?? model;
  const other = usage?.model !== undefined && usage.model !== model && model !== "";
  return [
    { name: say("Model"), value: used && other ? say("{model} (asked for: {asked})", { model: used, asked: model }) : used },
    { name: say("Answered by"), value: usage?.upstream ?? "" },
    { name: say("Tokens"), value: tokens(usage) },
    { name: say("Time"), value: times(usage) },
    { name: say("Ended"), value: finish(usage?.finish_reason) },
  ].filter(({ value }) => value !== "");
}

/**
 * @param {string} [reason] the upstream's word
 * @returns {string}
 */
function finish(reason = "") {
  return FINISH_WORDS.get(reason) ?? reason;
}

/**
 * @param {Answer["usage"]} usage
 * @returns {string}
 */
function tokens(usage) {
  const { prompt_tokens: read, completion_tokens: written, reasoning_tokens: thought } = usage ?? {};
  const parts = [];
  if (read !== undefined) parts.push(say("{count} read", { count: read }));
  if (written !== undefined) parts.push(say("{count} written", { count: written }));
  if (written !== undefined && thought) parts.push(say("{count} of them for reasoning", { count: thought }));
  return parts.join(", ");
}

/**
 * @param {Answer["usage"]} usage
 * @returns {string}
 */
function times(usage) {
  if (!usage?.duration_ms) return "";
  const whole = duration(usage.duration_ms);
  const first = usage.first_delta_ms === undefined ? whole : duration(usage.first_delta_ms);
  return first === whole ? whole : say("{time}, the first word after {first}", { time: whole, first });
}
