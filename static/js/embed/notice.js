/** The one line above the composer: what went wrong, what is being waited for, what this browser will not do. Pure. */

import { say } from "../say.js";
import { noticeHere } from "../state/view.js";

/** @import {State} from "../state.js" */
/** @import {WayBack} from "./session.js" */

/**
 * @param {State} state
 * @param {{busy: boolean, up: boolean, way: WayBack | null, forgets: boolean}} about `up`: whether the connection is wanted;
 *   `forgets`: whether the visitor may expect to find the chat again
 * @returns {{kind: "problem" | "waiting" | "plain" | "", words: string}}
 */
export function noticeLine(state, { busy, up, way, forgets }) {
  const problem = noticeHere(state);
  if (problem) return { kind: "problem", words: problem };
  if (state.site?.kind === "closed") return { kind: "problem", words: state.site.words };
  if (busy && up && state.mode === "offline") return { kind: "waiting", words: say("Reconnecting… your text is safe.") };
  if (way === "none" && forgets) return { kind: "plain", words: say("This browser won't remember this chat after you leave") };
  return { kind: "", words: "" };
}
