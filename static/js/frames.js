/** The WebSocket's frames: parse and validate the server's, build the client's. No I/O, no DOM. */

import {
  list, number, readAnswer, readConversation, readLimits, readMessage, readProblem, readProblemOrNull,
  readRunning, readStatus, readUsageOrNull, record, text, textOrNull,
} from "./objects.js";

/** @import {Answer, Conversation, Limits, Message, Problem, Raw, Running, Status, Usage} from "./objects.js" */

export const VERSION = 1;

/** @typedef {{type: "hello", running: Running[], limits: Limits | null}} HelloFrame */
/**
 * @typedef {object} StartedFrame
 * @property {"started"} type
 * @property {string} id the id of the request it answers
 * @property {Conversation} conversation
 * @property {Message | Answer} message
 * @property {Answer} answer
 */
/** @typedef {{type: "delta", answer: string, offset: number, next: number, text: string}} DeltaFrame */
/**
 * @typedef {object} EndedFrame
 * @property {"ended"} type
 * @property {string} answer
 * @property {Status} status
 * @property {number} next
 * @property {Usage | null} usage
 * @property {Problem | null} error
 */
/**
 * @typedef {object} ChangedFrame
 * @property {"changed"} type
 * @property {"created" | "renamed" | "deleted" | "turn" | "ended"} what
 * @property {string} conversation
 * @property {string | null} title
 * @property {number} updated_at_ms 0 when the server did not say
 * @property {Message | Answer | null} message
 * @property {string | null} answer_id the answer it is about, also where `answer` is not given whole
 * @property {Answer | null} answer
 * @property {Status | null} status
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
 */
/** @typedef {{type: "again", id: string, answer: string, model?: string}} AgainFrame */
/** @typedef {{type: "continue", id: string, answer: string}} ContinueFrame */
/** @typedef {AskFrame | AgainFrame | ContinueFrame} RequestFrame */
/** @typedef {{type: "follow", answer: string, offset: number}} FollowFrame */
/** @typedef {{type: "unfollow", answer: string}} UnfollowFrame */
/** @typedef {{type: "stop", answer: string}} StopFrame */
/** @typedef {RequestFrame | FollowFrame | UnfollowFrame | StopFrame} ClientFrame */

/** @type {Record<string, (raw: Raw) => ServerFrame | null>} */
const READERS = {
  hello: (raw) => ({ type: "hello", running: list(raw.running, readRunning), limits: readLimits(raw.limits) }),
  started: readStarted,
  delta: (raw) => ({
    type: "delta",
    answer: text(raw, "answer"),
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
    usage: readUsageOrNull(raw.usage),
    error: readProblemOrNull(raw.error),
  };
}

/** @type {ReadonlySet<string>} */
const CHANGES = new Set(["created", "renamed", "deleted", "turn", "ended"]);

/**
 * @param {Raw} raw
 * @returns {ChangedFrame | null}
 */
function readChanged(raw) {
  const what = text(raw, "what");
  if (!CHANGES.has(what)) return null;
  const answer = raw.answer ? readAnswer(raw.answer) : null;
  return {
    type: "changed",
    what: /** @type {ChangedFrame["what"]} */ (what),
    conversation: text(raw, "conversation"),
    title: textOrNull(raw, "title"),
    updated_at_ms: number(raw, "updated_at_ms", 0),
    message: raw.message ? readMessage(raw.message) : null,
    answer_id: answer ? answer.id : textOrNull(raw, "answer_id"),
    answer,
    status: typeof raw.status === "string" ? readStatus(raw.status) : null,
  };
}

/**
 * The first frame of a connection.
 * @returns {string}
 */
export function helloText() {
  return JSON.stringify({ type: "hello", v: VERSION });
}

/**
 * A question. What is null is left out.
 * @param {{id: string, text: string, conversation: string | null, parent: string | null, model: string | null}} question
 * @returns {AskFrame}
 */
export function askFrame({ id, text: words, conversation, parent, model }) {
  return {
    type: "ask",
    id,
    text: words,
    ...(conversation === null ? {} : { conversation }),
    ...(parent === null ? {} : { parent }),
    ...(model === null ? {} : { model }),
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
      const words = text(raw, "text");
      return askFrame({ id, text: words, conversation: textOrNull(raw, "conversation"), parent: textOrNull(raw, "parent"), model });
    }
    if (raw.type === "again") return { type: "again", id, answer: text(raw, "answer"), ...(model === null ? {} : { model }) };
    if (raw.type === "continue") return { type: "continue", id, answer: text(raw, "answer") };
    return null;
  } catch {
    return null;
  }
}
