/** The embed's HTTP API: an access token goes with each request, and never a cookie. No DOM, no state. */

import { ApiError, parsed, problemIn, understood, UNREACHABLE } from "../api.js";
import { readStarted } from "../frames.js";
import { readAnswer, readConversation, readMessage } from "../objects.js";
import { list, number, record, text } from "../reading.js";

/** @import {RequestFrame} from "../frames.js" */
/** @import {Conversation, Message, Answer} from "../objects.js" */

/** @typedef {{access: string, refresh: string, expires_in_s: number, cookie: boolean}} SessionReply */
/** @typedef {{conversation: Conversation | null, messages: (Message | Answer)[]}} Loaded */
/**
 * @typedef {object} Options
 * @property {string} [access]
 * @property {unknown} [body]
 * @property {boolean} [cookies] whether the browser may bring and keep its own
 * @property {string} [conversation] which one is meant: it stands in a header, for addresses are written down by proxies
 */

const TIMEOUT_MS = 20_000;
/** Where all of it is. */
const API = "/embed/api/";

/**
 * @param {string} method
 * @param {string} path
 * @param {Options} [options]
 * @returns {Promise<unknown>} the reply's JSON. Rejects with an `ApiError`
 */
export async function call(method, path, { cookies = false, ...options } = {}) {
  let reply;
  let words;
  try {
    reply = await fetch(API + path, { ...request(method, options), credentials: cookies ? "same-origin" : "omit", signal: AbortSignal.timeout(TIMEOUT_MS) });
    words = await reply.text();
  } catch {
    throw new ApiError(0, UNREACHABLE);
  }
  const content = words ? parsed(words) : null;
  if (!reply.ok) throw new ApiError(reply.status, problemIn(reply.status, content));
  return content;
}

/**
 * @param {string} method
 * @param {Options} options
 * @returns {RequestInit}
 */
function request(method, { access, body, conversation }) {
  const headers = {
    Accept: "application/json",
    ...(access ? { Authorization: `Bearer ${access}` } : {}),
    ...(conversation === undefined ? {} : { "Parley-Conversation": conversation }),
  };
  if (body === undefined) return { method, headers };
  return { method, headers: { ...headers, "Content-Type": "application/json" }, body: JSON.stringify(body) };
}

/**
 * @param {unknown} content
 * @returns {SessionReply}
 */
export function readSession(content) {
  return understood(() => {
    const raw = record(content);
    return { access: text(raw, "access"), refresh: text(raw, "refresh", ""), expires_in_s: number(raw, "expires_in_s", 0), cookie: raw.cookie === true };
  });
}

/**
 * @param {unknown} content
 * @returns {Loaded}
 */
function readLoaded(content) {
  return understood(() => {
    const raw = record(content);
    return { conversation: raw.conversation ? readConversation(raw.conversation) : null, messages: list(raw.messages, readMessage) };
  });
}

/**
 * The conversation to go on with.
 * @param {string} access
 * @param {"auto" | "always"} resume
 */
export async function loadNewest(access, resume) {
  return readLoaded(await call("GET", `conversation?resume=${resume}`, { access }));
}

/**
 * @param {string} access
 * @param {string} id
 */
export async function loadConversation(access, id) {
  return readLoaded(await call("GET", "conversation", { access, conversation: id }));
}

/**
 * @param {string} access
 * @param {string} id
 */
export async function loadAnswer(access, id) {
  const content = await call("GET", answerPath(id), { access });
  // As the site's own API gives it, bare or named.
  return understood(() => readAnswer(record(content).answer ?? content));
}

/**
 * @param {string} access
 * @param {RequestFrame} frame
 */
export async function sendRequest(access, frame) {
  const { type, ...body } = frame;
  const asked = "answer" in body ? { id: body.id } : body;
  const content = await call("POST", frame.type === "ask" ? "ask" : answerPath(frame.answer, type), { access, body: asked });
  return understood(() => readStarted(record(content)));
}

/**
 * @param {string} access
 * @param {string} answer
 */
export async function stopAnswer(access, answer) {
  await call("POST", answerPath(answer, "stop"), { access });
}

/**
 * @param {string} access
 * @param {string | null} jwt null: somebody new
 * @param {string} storage
 */
export async function identify(access, jwt, storage) {
  return readSession(await call("POST", "identify", { access, body: { jwt, storage }, cookies: true }));
}

/**
 * @param {string} access
 * @param {string} conversation
 * @returns {Promise<string>} where it can be taken over, once
 */
export async function handOver(access, conversation) {
  const content = await call("POST", "handover", { access, body: { conversation } });
  return understood(() => text(record(content), "path"));
}

/**
 * @param {string} id
 * @param {string} [what]
 */
const answerPath = (id, what) => `answers/${encodeURIComponent(id)}${what ? `/${what}` : ""}`;

/**
 * The events of an answer, which a fetch can ask for with a token as an `EventSource` cannot.
 * @param {string} access
 * @param {{answer: string, offset: number, reasoning_offset: number}} from
 * @param {AbortSignal} signal
 * @returns {Promise<ReadableStream<Uint8Array>>} Rejects with an `ApiError`
 */
export async function openEvents(access, { answer, offset, reasoning_offset }, signal) {
  const query = new URLSearchParams({ offset: String(offset), reasoning_offset: String(reasoning_offset) });
  const headers = { Accept: "text/event-stream", Authorization: `Bearer ${access}` };
  let reply;
  try {
    reply = await fetch(`${API}${answerPath(answer, "events")}?${query}`, { headers, credentials: "omit", signal });
  } catch {
    throw new ApiError(0, UNREACHABLE);
  }
  if (!reply.ok || !reply.body) throw new ApiError(reply.status, problemIn(reply.status, null));
  return reply.body;
}
