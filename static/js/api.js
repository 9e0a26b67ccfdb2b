/** The HTTP API. Knows no DOM and no state; every reply is read through `objects.js`. */

import { readHello, readStarted } from "./frames.js";
import { readAnswer, readConversation, readFound, readMessage, readModel, readProblem } from "./objects.js";
import { list, record, textOrNull, Unreadable } from "./reading.js";
import { say } from "./say.js";

/** @import {Answer, Conversation, Found, Message, Model, ModelOptions, Problem} from "./objects.js" */
/** @import {HelloFrame, RequestFrame, StartedFrame} from "./frames.js" */

/** A slow phone network is allowed this much before a request counts as lost. */
const TIMEOUT_MS = 20_000;

/** A question whether the network still carries anything is worth less patience. */
const CHECK_TIMEOUT_MS = 5_000;

/** A request that did not work: `status` is 0 when no reply came at all. */
export class ApiError extends Error {
  /**
   * @param {number} status
   * @param {Problem} problem
   */
  constructor(status, problem) {
    super(problem.message);
    this.status = status;
    this.problem = problem;
  }

  /**
   * Whether the server was not reached: nothing is wrong with the request, and it can be sent again as it is.
   *
   * A proxy in front of a server that restarts says 502 to 504 without our error object.
   */
  get unreachable() {
    return this.status === 0 || this.problem.code === "unreachable" || this.problem.code === "shutting_down";
  }
}

export const UNREACHABLE = { code: "unreachable", message: say("The server cannot be reached at the moment.") };

/**
 * @param {string} method
 * @param {string} path
 * @param {unknown} [body]
 * @param {number} [timeout_ms]
 * @param {AbortSignal} [given_up] when nobody wants the reply any more
 * @returns {Promise<unknown>} the reply's JSON; null when it has none
 */
export async function request(method, path, body, timeout_ms = TIMEOUT_MS, given_up) {
  const late = AbortSignal.timeout(timeout_ms);
  /** @type {RequestInit} */
  const options = { method, headers: { Accept: "application/json" }, signal: given_up ? AbortSignal.any([late, given_up]) : late };
  if (body !== undefined) {
    options.headers = { Accept: "application/json", "Content-Type": "application/json" };
    options.body = JSON.stringify(body);
  }
  let reply;
  /** @type {unknown} */
  let content = null;
  try {
    reply = await fetch(path, options);
    const words = await reply.text();
    content = words ? parsed(words) : null;
  } catch {
    throw new ApiError(0, UNREACHABLE);
  }
  if (!reply.ok) throw new ApiError(reply.status, problemIn(reply.status, content));
  return content;
}

/**
 * @param {string} words
 * @returns {unknown} null when it is not JSON
 */
export function parsed(words) {
  try {
    return JSON.parse(words);
  } catch {
    return null;
  }
}

/**
 * What a reply that is no success says.
 * @param {number} status
 * @param {unknown} content its JSON; null when it has none
 * @returns {Problem}
 */
export function problemIn(status, content) {
  try {
    return readProblem(record(content).error);
  } catch {
    if (status >= 502 && status <= 504) return UNREACHABLE;
    return { code: "internal", message: say("The server answered with an error ({status}).", { status }) };
  }
}

/**
 * @template T
 * @param {() => T} read
 * @returns {T} Throws `ApiError` when the reply is not what the wire promises
 */
export function understood(read) {
  try {
    return read();
  } catch (error) {
    if (!(error instanceof Unreadable)) throw error;
    throw new ApiError(200, { code: "unreadable", message: "The server's reply could not be read." });
  }
}

/** @param {string} id */
const conversationPath = (id) => `/api/conversations/${encodeURIComponent(id)}`;
/** @param {string} id */
const answerPath = (id) => `/api/answers/${encodeURIComponent(id)}`;

/**
 * One page of the list.
 * @param {{query?: string, tag?: string | null, cursor?: string | null, view?: "all" | "pinned" | "archived", signal?: AbortSignal}} [options]
 * @returns {Promise<{conversations: Conversation[], found: Map<string, Found>, next_cursor: string | null}>} `found` by conversation id
 */
export async function listConversations({ query = "", tag, cursor = null, view = "all", signal } = {}) {
  const search = new URLSearchParams();
  if (view !== "all") search.set("view", view);
  if (query) search.set("query", query);
  if (tag) search.set("tag", tag);
  if (cursor) search.set("cursor", cursor);
  const content = await request("GET", `/api/conversations${search.size ? `?${search}` : ""}`, undefined, TIMEOUT_MS, signal);
  return understood(() => {
    const raw = record(content);
    const found = new Map(Object.entries(record(raw.found ?? {})).map(([id, place]) => [id, readFound(place)]));
    return { conversations: list(raw.conversations, readConversation), found, next_cursor: textOrNull(raw, "next_cursor") };
  });
}

/**
 * @param {string} id
 * @returns {Promise<{conversation: Conversation, messages: (Message | Answer)[]}>}
 */
export async function loadConversation(id) {
  const content = await request("GET", conversationPath(id));
  return understood(() => {
    const raw = record(content);
    return { conversation: readConversation(raw.conversation), messages: list(raw.messages, readMessage) };
  });
}

/**
 * @param {string} id
 * @param {{title: string} | {leaf: string} | {options: ModelOptions} | {pinned: boolean} | {archived: boolean}} change
 * @returns {Promise<Conversation>}
 */
export async function changeConversation(id, change) {
  const content = await request("PATCH", conversationPath(id), change);
  return understood(() => readConversation(record(content).conversation));
}

/**
 * Deletes a message and all that follow it.
 * @param {string} id
 * @returns {Promise<{conversation: Conversation, message_ids: string[]}>} `message_ids`: all that are gone
 */
export async function deleteMessage(id) {
  const content = await request("DELETE", `/api/messages/${encodeURIComponent(id)}`);
  return understood(() => {
    const raw = record(content);
    return { conversation: readConversation(raw.conversation), message_ids: list(raw.message_ids, String) };
  });
}

/** @returns {Promise<Model[]>} */
export async function listModels() {
  const content = await request("GET", "/api/models");
  return understood(() => list(record(content).models, readModel));
}

/**
 * What the WebSocket's `hello` says, over HTTP.
 * @returns {Promise<HelloFrame>}
 */
export async function readVisitor() {
  const content = await request("GET", "/api/visitor");
  return understood(() => readHello(record(content)));
}

/**
 * A question, another answer, or a continuation, over HTTP.
 * @param {RequestFrame} frame
 * @returns {Promise<StartedFrame>}
 */
export async function sendRequest(frame) {
  const { type, ...body } = frame;
  const path = frame.type === "ask" ? "/api/ask" : `${answerPath(frame.answer)}/${type}`;
  const content = await request("POST", path, withoutAnswer(body));
  return understood(() => readStarted({ id: frame.id, ...record(content) }));
}

/**
 * The answer is named by the path; a strict server may refuse to be told twice.
 * @param {object} body
 * @returns {object}
 */
function withoutAnswer(body) {
  return Object.fromEntries(Object.entries(body).filter(([field]) => field !== "answer"));
}

/**
 * An answer as the server has it now.
 * @param {string} answer
 * @returns {Promise<Answer>}
 */
export async function loadAnswer(answer) {
  const content = await request("GET", answerPath(answer), undefined, CHECK_TIMEOUT_MS);
  return understood(() => readAnswer(record(content).answer));
}

/**
 * @param {string} answer
 * @returns {Promise<void>}
 */
export async function stopAnswer(answer) {
  await request("POST", `${answerPath(answer)}/stop`, {});
}

/**
 * Where an answer can be followed as server-sent events.
 * @param {string} answer
 * @param {number} offset
 * @param {number} reasoning_offset
 * @returns {string}
 */
export function eventsPath(answer, offset, reasoning_offset) {
  return `${answerPath(answer)}/events?offset=${offset}&reasoning_offset=${reasoning_offset}`;
}

/**
 * Where an attached file is.
 * @param {string} id
 * @returns {string}
 */
export function attachmentPath(id) {
  return `/api/attachments/${encodeURIComponent(id)}`;
}

/**
 * Takes back a file that no message has yet.
 * @param {string} id
 * @returns {Promise<void>}
 */
export async function deleteAttachment(id) {
  await request("DELETE", attachmentPath(id));
}
