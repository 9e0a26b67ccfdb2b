/** What a reader knows of a shared conversation: its JSON, and what each news of the server means for it. Pure. */

import { isAnswer, readMessage } from "../objects.js";
import { list, number, record, text, textOrNull } from "../reading.js";
import { initialState } from "../state.js";
import { branch } from "../state/tree.js";

/** @import {ServerFrame} from "../frames.js" */
/** @import {Answer, Conversation, Message} from "../objects.js" */
/** @import {Raw} from "../reading.js" */
/** @import {State} from "../state.js" */
/** @import {Messages, Shown} from "../state/tree.js" */

/** @typedef {Exclude<ServerFrame, import("../frames.js").HelloFrame>} NewsFrame */
/** @typedef {"whole" | "branch" | "chosen"} Scope */
/** @typedef {{conversation: Conversation, messages: (Message | Answer)[]}} SharedContent */

/** The page's name for the one conversation it shows: a reader does not need the real one. */
const HERE = "shared";

/** Changes that their frame tells whole; after any other the conversation is read again. */
const TOLD = new Set(["turn", "ended", "leaf", "pruned"]);

/**
 * The page's state before anything is known: that of a chat with one conversation open.
 * @returns {State}
 */
export function newState() {
  return initialState({ open: { id: HERE, view: HERE, status: "loading", conversation: null } });
}

/**
 * @param {unknown} value what `/s/<token>/conversation` answers. Throws `Unreadable`.
 * @returns {SharedContent}
 */
export function readContent(value) {
  const raw = record(value);
  return { conversation: conversationIn(raw), messages: list(raw.messages, readMessage) };
}

/**
 * @param {Raw} raw
 * @returns {Conversation}
 */
function conversationIn(raw) {
  return {
    id: HERE,
    title: text(raw, "title", ""),
    created_at_ms: number(raw, "created_at_ms", 0),
    updated_at_ms: number(raw, "updated_at_ms", 0),
    leaf: textOrNull(raw, "leaf"),
    options: {},
    pinned: false,
    archived: false,
    tags: [],
  };
}

/**
 * What to do about a frame: end, take it in, read the conversation again, or load the page anew.
 * @param {NewsFrame} frame
 * @returns {{kind: "over"} | {kind: "anew"} | {kind: "reread"} | {kind: "take", frame: NewsFrame}}
 */
export function meaning(frame) {
  if (frame.type === "error" && frame.problem.code === "share_ended") return { kind: "over" };
  if (frame.type === "error" && frame.problem.code === "share_changed") return { kind: "anew" };
  if (frame.type !== "changed") return { kind: "take", frame };
  if (!TOLD.has(frame.what) || (frame.what === "turn" && frame.answer === null)) return { kind: "reread" };
  return { kind: "take", frame: { ...frame, conversation: HERE } };
}

/**
 * The messages to show, in their order.
 * @param {Messages} messages
 * @param {string | null} leaf
 * @param {Scope} scope of chosen messages all are shown, whatever branch they come from
 * @returns {Shown[]} with their other versions, where the reader may switch
 */
export function shownOf(messages, leaf, scope) {
  if (scope === "chosen") {
    const continued = new Set([...messages.values()].flatMap((message) => (isAnswer(message) && message.continues ? [message.continues] : [])));
    return [...messages.values()].flatMap((message) => (continued.has(message.id) ? [] : [{ message, siblings: [message.id] }]));
  }
  const shown = branch(messages, leaf);
  return scope === "whole" ? shown : shown.map(({ message }) => ({ message, siblings: [message.id] }));
}

/**
 * Whether a message lies above another, or is it.
 * @param {Messages} messages
 * @param {string | null} upper
 * @param {string} lower
 * @returns {boolean}
 */
export function isAbove(messages, upper, lower) {
  let at = messages.get(lower);
  for (let hops = 0; at && hops <= messages.size; hops += 1) {
    if (at.id === upper) return true;
    at = messages.get(at.parent ?? "");
  }
  return false;
}
