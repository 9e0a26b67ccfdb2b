/** What is said of an answer where it stands: how it ended, and how long it thought. Pure. */

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
 * @param {number} ms
 * @returns {string}
 */
export function duration(ms) {
  if (ms < 100) return "less than 0.1 s";
  if (ms < 10_000) return `${(ms / 1_000).toFixed(1).replace(".0", "")} s`;
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? `${seconds} s` : `${Math.floor(seconds / 60)} min ${seconds % 60} s`;
}
