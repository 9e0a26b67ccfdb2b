/** The WebSocket's frames: parse and validate the server's, build the client's. No I/O, no DOM. */

import {
  readAnswer, readConversation, readLimits, readMessage, readOptions, readPreferences, readProblem, readProblemOrNull,
  readRunning, readStatus, readUsageOrNull,
} from "./objects.js";
import { list, number, record, text, textOrNull, texts, Unreadable } from "./reading.js";

/** @import {Answer, Conversation, Limits, Message, ModelOptions, Preferences, Problem, Running, Status, Usage} from "./objects.js" */
/** @import {Raw} from "./reading.js" */

export const VERSION = 1;

/** @typedef {{type: "hello", running: Running[], limits: Limits | null, preferences: Preferences | null, closed?: string}} HelloFrame `closed`: what the owner says while nobody can ask */
/**
 * @typedef {object} StartedFrame
 * @property {"started"} type
 * @property {string} id the id of the request it answers
 * @property {Conversation} conversation
 * @property {Message | Answer} message
 * @property {Answer} answer
 */
/** @typedef {"text" | "reasoning"} Part each with offsets of its own */
/** @typedef {{type: "delta", answer: string, part: Part, offset: number, next: number, text: string}} DeltaFrame */
/**
 * @typedef {object} EndedFrame
 * @property {"ended"} type
 * @property {string} answer
 * @property {Status} status
 * @property {number} next
 * @property {number} reasoning_next
 * @property {Usage | null} usage
 * @property {Problem | null} error
 */
/**
 * @typedef {object} ChangedFrame
 * @property {"changed"} type
 * @property {"created" | "renamed" | "placed" | "deleted" | "restored" | "pruned" | "leaf" | "options" | "preferences" | "turn" | "ended" | "shares" | "site" | "visitor" | "visitor_deleted"} what
 * @property {string} conversation "" when it is about none
 * @property {string | null} title
 * @property {number} updated_at_ms 0 when the server did not say
 * @property {Message | Answer | null} message
 * @property {string | null} answer_id the answer it is about, also where `answer` is not given whole
 * @property {Answer | null} answer
 * @property {Status | null} status
 * @property {ModelOptions | null} options
 * @property {string | null} message_id the message that was deleted with all that follow it
 * @property {readonly string[]} message_ids all messages that went with it, itself included
 * @property {readonly string[]} deleted conversations that are gone
 * @property {readonly Conversation[]} restored conversations that are back, as a list shows them
 * @property {boolean | null} pinned
 * @property {boolean | null} archived
 * @property {readonly string[] | null} tags
 * @property {string | null} leaf where the shown branch ends now
 * @property {Preferences | null} preferences
 * @property {string} [closed] what the owner says while nobody can ask
 */
/** @typedef {{type: "error", id: string | null, answer: string | null, problem: Problem}} ErrorFrame */
/** @typedef {HelloFrame | StartedFrame | DeltaFrame | EndedFrame | ChangedFrame | ErrorFrame} ServerFrame */

/**
 * @typedef {object} AskFrame
 * @property {"ask"} type
 * @property {string} id
 * @property {string} text
 * @property {string} [conversation]
 * @property {string} [parent]
 * @property {string} [model]
 * @property {ModelOptions} [options] they become the conversation's
 * @property {readonly string[]} [attachments] ids of files that were uploaded before
 * @property {true} [private] begins a conversation that is never written to disk
 */
/** @typedef {{type: "again", id: string, answer: string, model?: string}} AgainFrame */
/** @typedef {{type: "continue", id: string, answer: string}} ContinueFrame */
/** @typedef {AskFrame | AgainFrame | ContinueFrame} RequestFrame */
/** @typedef {{type: "follow", answer: string, offset: number, reasoning_offset: number}} FollowFrame */
/** @typedef {{type: "unfollow", answer: string}} UnfollowFrame */
/** @typedef {{type: "stop", answer: string}} StopFrame */
/** @typedef {RequestFrame | FollowFrame | UnfollowFrame | StopFrame} ClientFrame */

/** @type {Record<string, (raw: Raw) => ServerFrame | null>} */
const READERS = {
  hello: readHello,
  started: readStarted,
  delta: (raw) => ({
    type: "delta",
    answer: text(raw, "answer"),
    part: readPart(raw),
    offset: number(raw, "offset"),
    next: number(raw, "next"),
    text: text(raw, "text"),
  }),
  ended: readEnded,
  changed: readChanged,
  error: (raw) => ({
    type: "error",
    id: textOrNull(raw, "id"),
    answer: textOrNull(raw, "answer"),
    problem: readProblem(raw),
  }),
};

/**
 * One server frame, or null when it is damaged or of a kind this page does not know.
 *
 * A newer server may say more than an older page understands: that must never stop the page.
 * @param {unknown} data the text of a WebSocket message, or the object it holds
 * @returns {ServerFrame | null}
 */
export function parseServerFrame(data) {
  try {
    const raw = record(typeof data === "string" ? JSON.parse(data) : data);
    const kind = text(raw, "type");
    return Object.hasOwn(READERS, kind) ? (READERS[kind]?.(raw) ?? null) : null;
  } catch {
    return null;
  }
}

/**
 * The `hello` frame's content, which `GET /api/visitor` answers with as well.
 * @param {Raw} raw
 * @returns {HelloFrame}
 */
export function readHello(raw) {
  const preferences = raw.preferences ? readPreferences(raw.preferences) : null;
  return { type: "hello", running: list(raw.running, readRunning), limits: readLimits(raw.limits), preferences, ...texts(raw, ["closed"]) };
}

/**
 * The `started` frame's content, which `POST /api/ask` answers with as well.
 * @param {Raw} raw
 * @returns {StartedFrame}
 */
export function readStarted(raw) {
  return {
    type: "started",
    id: text(raw, "id"),
    conversation: readConversation(raw.conversation),
    message: readMessage(raw.message),
    answer: readAnswer(raw.answer),
  };
}

/**
 * @param {Raw} raw
 * @returns {EndedFrame}
 */
function readEnded(raw) {
  return {
    type: "ended",
    answer: text(raw, "answer"),
    status: readStatus(raw.status),
    next: number(raw, "next"),
    reasoning_next: number(raw, "reasoning_next", 0),
    usage: readUsageOrNull(raw.usage),
    error: readProblemOrNull(raw.error),
  };
}

/**
 * @param {Raw} raw
 * @returns {Part}
 */
function readPart(raw) {
  const part = text(raw, "part", "text");
  if (part !== "text" && part !== "reasoning") throw new Unreadable("unknown part");
  return part;
}

/** @type {ReadonlySet<string>} */
const CHANGES = new Set([
  "created", "renamed", "placed", "deleted", "restored", "pruned", "leaf", "options", "preferences", "turn", "ended", "shares", "site", "visitor", "visitor_deleted",
]);

/**
 * @param {Raw} raw
 * @returns {ChangedFrame | null}
 */
function readChanged(raw) {
  const what = text(raw, "what");
  if (!CHANGES.has(what)) return null;
  const answer = raw.answer ? readAnswer(raw.answer) : null;
  const conversation = text(raw, "conversation");
  const message_ids = list(raw.message_ids, readId);
  const message_id = textOrNull(raw, "message_id");
  return {
    type: "changed",
    what: /** @type {ChangedFrame["what"]} */ (what),
    conversation,
    title: textOrNull(raw, "title"),
    updated_at_ms: number(raw, "updated_at_ms", 0),
    message: raw.message ? readMessage(raw.message) : null,
    answer_id: answer ? answer.id : textOrNull(raw, "answer_id"),
    answer,
    status: typeof raw.status === "string" ? readStatus(raw.status) : null,
    options: raw.options ? readOptions(raw.options) : null,
    message_id,
    message_ids: message_id !== null && !message_ids.length ? [message_id] : message_ids,
    deleted: what === "deleted" ? list(raw.conversations ?? [conversation], readId) : [],
    restored: what === "restored" ? list(raw.conversations ?? [{ ...raw, id: conversation }], readConversation) : [],
    pinned: typeof raw.pinned === "boolean" ? raw.pinned : null,
    archived: typeof raw.archived === "boolean" ? raw.archived : null,
    tags: raw.tags ? list(raw.tags, String) : null,
    leaf: textOrNull(raw, "leaf"),
    preferences: raw.preferences ? readPreferences(raw.preferences) : null,
    ...texts(raw, ["closed"]),
  };
}

/**
 * @param {unknown} id
 * @returns {string}
 */
function readId(id) {
  if (typeof id !== "string") throw new Unreadable("not an id");
  return id;
}

/**
 * The first frame of a connection.
 * @returns {string}
 */
export function helloText() {
  return JSON.stringify({ type: "hello", v: VERSION });
}

/**
 * @typedef {object} Question
 * @property {string} id
 * @property {string} text
 * @property {string | null} conversation
 * @property {string | null} parent
 * @property {string | null} model
 * @property {ModelOptions} [options]
 * @property {readonly string[]} [attachments]
 * @property {boolean} [hidden] whether the conversation it begins is private
 */

/**
 * A question. What is null or empty is left out.
 * @param {Question} question
 * @returns {AskFrame}
 */
export function askFrame({ id, text: words, conversation, parent, model, options = {}, attachments = [], hidden = false }) {
  return {
    type: "ask",
    id,
    text: words,
    ...(conversation === null ? {} : { conversation }),
    ...(parent === null ? {} : { parent }),
    ...(model === null ? {} : { model }),
    ...(Object.keys(options).length ? { options } : {}),
    ...(attachments.length ? { attachments } : {}),
    ...(hidden ? { private: true } : {}),
  };
}

/**
 * A request as it was kept in storage, or null when it is damaged.
 * @param {unknown} value
 * @returns {RequestFrame | null}
 */
export function readRequest(value) {
  try {
    const raw = record(value);
    const id = text(raw, "id");
    const model = textOrNull(raw, "model");
    if (raw.type === "ask") {
      return askFrame({
        id,
        text: text(raw, "text"),
        conversation: textOrNull(raw, "conversation"),
        parent: textOrNull(raw, "parent"),
        model,
        options: readOptions(raw.options),
        attachments: list(raw.attachments, String),
      });
    }
    if (raw.type === "again") return { type: "again", id, answer: text(raw, "answer"), ...(model === null ? {} : { model }) };
    if (raw.type === "continue") return { type: "continue", id, answer: text(raw, "answer") };
    return null;
  } catch {
    return null;
  }
}
