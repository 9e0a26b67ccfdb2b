/** What is said of an answer where it stands: how it ended, and how long it thought. Pure. */

import { say } from "./say.js";

/** @import {Answer} from "./objects.js" */

const ENDINGS = {
  stopped: say("Stopped."),
  failed: say("The answer failed."),
  interrupted: say("The server stopped while it was writing this."),
};
/** What an upstream's last word means, where an answer did not simply finish. */
const FINISHES = new Map([
  ["length", say("The model ended here because its greatest length for one answer was reached. “Continue” lets it go on.")],
  ["content_filter", say("The model's provider ended the answer here: its rules on content do not allow more.")],
]);
const NOTHING_SAID = say("The model ended without an answer.");
const LENGTH_WITHOUT_TEXT = say("The model used up its greatest length before it began to answer. A larger one can be set in the options.");

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
  if (status === "running" && text === "") return say("Thinking…");
  // The reasoning of a continued answer comes from the one before it, whose time this is not.
  if (continues !== null || usage?.first_delta_ms === undefined) return say("Reasoning");
  return usage.first_delta_ms < 1_000 ? say("Thought for a moment") : say("Thought for {time}", { time: duration(Math.round(usage.first_delta_ms / 1_000) * 1_000) });
}

/**
 * @param {number} ms
 * @returns {string}
 */
export function duration(ms) {
  if (ms < 100) return say("less than {seconds} s", { seconds: 0.1 });
  if (ms < 10_000) return say("{seconds} s", { seconds: Math.round(ms / 100) / 10 });
  const seconds = Math.round(ms / 1_000);
  return seconds < 60 ? say("{seconds} s", { seconds }) : say("{minutes} min {seconds} s", { minutes: Math.floor(seconds / 60), seconds: seconds % 60 });
}
