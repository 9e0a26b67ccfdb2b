/** What can be said about an answer besides its text: how it ended, how long it thought, who gave it. Pure. */

/** @import {Answer} from "./objects.js" */

const ENDINGS = {
  stopped: "Stopped.",
  failed: "The answer failed.",
  interrupted: "The server stopped while it was writing this.",
};
/** What an upstream's last word means, where an answer did not simply finish. */
const FINISHES = new Map([
  ["length", "The model ended here because its greatest length for one answer was reached. “Continue” lets it go on."],
  ["content_filter", "The model's provider ended the answer here: its rules on content do not allow more."],
]);
const NOTHING_SAID = "The model ended without an answer.";
const LENGTH_WITHOUT_TEXT = "The model used up its greatest length before it began to answer. A larger one can be set in the options.";

/**
 * The sentence below an answer that did not simply finish; null for one that did, and while it runs.
 * @param {Answer} answer
 * @returns {string | null}
 */
export function ending({ status, text, error, usage }) {
  if (status === "running") return null;
  if (status === "failed") return error?.message ?? ENDINGS.failed;
  if (status !== "done") return ENDINGS[status];
  if (text === "" && usage?.finish_reason === "length") return LENGTH_WITHOUT_TEXT;
  return FINISHES.get(usage?.finish_reason ?? "") ?? (text === "" ? NOTHING_SAID : null);
}

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
 * What stands on the fold over an answer's reasoning.
 * @param {Answer} answer
 * @returns {string}
 */
export function reasoningLabel({ status, text, continues, usage }) {
  if (status === "running" && text === "") return "Thinking…";
  // The reasoning of a continued answer comes from the one before it, whose time this is not.
  if (continues !== null || usage?.first_delta_ms === undefined) return "Reasoning";
  return usage.first_delta_ms < 1_000 ? "Thought for a moment" : `Thought for ${duration(Math.round(usage.first_delta_ms / 1_000) * 1_000)}`;
}

/**
 * The facts of an ended answer's making, as far as they are known, in the order they are shown in.
 * @param {Answer} answer
 * @returns {{name: string, value: string}[]}
 */
export function facts({ model, usage }) {
  const asked = usage?.model !== undefined && usage.model !== model && model !== "" ? ` (asked for: ${model})` : "";
  const used = usage?.model ?? model;
  return [
    { name: "Model", value: used ? used + asked : "" },
    { name: "Answered by", value: usage?.upstream ?? "" },
    { name: "Tokens", value: tokens(usage) },
    { name: "Time", value: times(usage) },
  ].filter(({ value }) => value !== "");
}

/**
 * @param {Answer["usage"]} usage
 * @returns {string}
 */
function tokens(usage) {
  const count = (/** @type {number} */ n) => n.toLocaleString("en");
  const read = usage?.prompt_tokens === undefined ? [] : [`${count(usage.prompt_tokens)} read`];
  const thought = usage?.reasoning_tokens ? `, ${count(usage.reasoning_tokens)} of them for reasoning` : "";
  const written = usage?.completion_tokens === undefined ? [] : [`${count(usage.completion_tokens)} written${thought}`];
  return [...read, ...written].join(", ");
}

/**
 * @param {Answer["usage"]} usage
 * @returns {string}
 */
function times(usage) {
  if (!usage?.duration_ms) return "";
  const whole = duration(usage.duration_ms);
  const first = usage.first_delta_ms === undefined ? whole : duration(usage.first_delta_ms);
  return first === whole ? whole : `${whole}, the first word after ${first}`;
}

/**
 * @param {number} ms
 * @returns {string}
 */
export function duration(ms) {
  if (ms < 100) return "less than 0.1 s";
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1).replace(".0", "")} s`;
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
