/** The quiet line that says whether the shared page still follows. Pure. */

import { say } from "../say.js";

/** @import {Mode} from "../state.js" */

/**
 * @param {Mode} mode
 * @param {{live: boolean, ended: boolean, linked: boolean}} page `linked`: whether it was connected before
 * @returns {{kind: "live" | "lost" | "ended" | "", words: string}}
 */
export function stateLine(mode, { live, ended, linked }) {
  if (ended) return { kind: "ended", words: say("The link was ended by its author. What you have read stays here until you close this page.") };
  if (!live) return { kind: "", words: "" };
  if (mode === "socket" || mode === "http") return { kind: "live", words: say("Live") };
  return linked ? { kind: "lost", words: say("Reconnecting…") } : { kind: "", words: "" };
}
