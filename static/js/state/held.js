/**
 * Messages written while an answer runs: each waits beside its composer until the answer has ended. Pure.
 *
 * There is one for each conversation at most; more is added to it. It is sent while its conversation is open: if that
 * is left before the answer has ended, the message waits until it is opened again.
 */

import { joined } from "../draft.js";
import { isAnswer } from "../objects.js";
import { attachedTo, fromServer, hindrance, readFiles } from "./attached.js";
import { isPrivate, PRIVATE } from "./private.js";
import { branch } from "./tree.js";
import { chosenModel, runningHere, waitingInView } from "./view.js";

/** @import {Attachment} from "../objects.js" */
/** @import {Handler, State} from "../state.js" */

/**
 * @typedef {object} Held a message that is sent when the answer has ended
 * @property {string} id of the question it will be: sent twice, it is still one. Other words are another question
 * @property {string} text
 * @property {readonly Attachment[]} files
 * @property {boolean} [anyway] whether it goes also after an answer that failed
 */
/**
 * @typedef {"waits" | "failed" | "cut" | "pictures" | "goes"} Prospect why it is not sent yet: the answer runs, it
 *   failed, its server ended, the chosen model takes no pictures. `goes`: nothing is in its way
 */

/** @type {Handler<"hold">} */
export function onHold(state, { key, held }) {
  const others = Object.fromEntries(Object.entries(state.held).filter(([other]) => other !== key));
  return { ...state, held: held === null ? others : { ...others, [key]: held } };
}

/**
 * A held message with more behind it.
 * @param {Held | null} held
 * @param {Held} more
 * @returns {Held} with the id of `more`
 */
export function withMore(held, more) {
  if (!held) return more;
  return { ...more, text: joined(held.text, more.text), files: [...held.files, ...more.files] };
}

/**
 * The held message of the open conversation, and what it waits for.
 * @param {State} state
 * @returns {{held: Held, prospect: Prospect} | null}
 */
export function heldHere(state) {
  const held = state.open.id === null ? undefined : state.held[state.open.id];
  return held ? { held, prospect: prospectOf(state, held) } : null;
}

/**
 * @param {State} state
 * @param {Held} held
 * @returns {Prospect}
 */
function prospectOf(state, held) {
  if (state.open.status !== "ready" || runningHere(state) || waitingInView(state).length) return "waits";
  // Another tab may have begun an answer that is not on this page yet.
  for (const conversation of state.running.values()) if (conversation === state.open.id) return "waits";
  if (hindrance(held.files.map(fromServer), chosenModel(state))) return "pictures";
  const last = branch(state.messages, state.leaf).at(-1)?.message;
  if (!held.anyway && last && isAnswer(last)) {
    if (last.status === "failed") return "failed";
    if (last.status === "interrupted") return "cut";
  }
  return "goes";
}

/**
 * A new conversation has got its id: what was written while its first question was on its way is its own.
 * @param {State} state
 * @param {string} id
 * @returns {Pick<State, "drafts" | "attached">}
 */
export function draftOfNew({ drafts, attached }, id) {
  const key = isPrivate(id) ? PRIVATE : "new";
  const items = attachedTo({ attached }, key);
  return {
    drafts: drafts[key] ? { ...drafts, [key]: "", [id]: drafts[key] } : drafts,
    attached: items.length ? { ...attached, [key]: [], [id]: items } : attached,
  };
}

/**
 * Held messages as they were kept in storage; damaged ones are left out.
 * @param {unknown} stored
 * @returns {Held | null}
 */
export function readHeld(stored) {
  if (typeof stored !== "object" || stored === null || !("text" in stored) || typeof stored.text !== "string") return null;
  if (!("id" in stored) || typeof stored.id !== "string") return null;
  const anyway = "anyway" in stored && stored.anyway === true;
  return { id: stored.id, text: stored.text, files: "files" in stored ? readFiles(stored.files) : [], ...(anyway ? { anyway } : {}) };
}
