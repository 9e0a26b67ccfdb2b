/**
 * The objects both transports carry (conversations, messages, answers), read from untrusted JSON.
 *
 * Their field names are the wire's. A missing field with an obvious default gets it; a value without which the
 * object makes no sense throws `Unreadable`. No I/O, no DOM.
 */

import { list, number, numbers, record, text, textOrNull, texts, Unreadable } from "./reading.js";
import { say } from "./say.js";

/** @import {Raw} from "./reading.js" */

/** @typedef {"running" | "done" | "stopped" | "failed" | "interrupted"} Status */
/** @typedef {"user" | "assistant" | "system"} Role */
/** @typedef {{code: string, message: string, retry_after?: number}} Problem */
/**
 * @typedef {object} Usage the facts of an answer's making, as far as the server knows them
 * @property {number} duration_ms
 * @property {number} [first_delta_ms]
 * @property {string} [upstream] who answered
 * @property {string} [model] the model really used, when it is not the one that was asked for
 * @property {string} [finish_reason] the upstream's word: `stop`, `length`, `content_filter`, …
 * @property {number} [prompt_tokens]
 * @property {number} [completion_tokens]
 * @property {number} [reasoning_tokens]
 * @property {string} [history_from] the first message the model saw, when older ones no longer fit
 */
/**
 * @typedef {object} ModelOptions how a conversation's model is to answer; what is missing is left to the upstream
 * @property {string} [system]
 * @property {number} [temperature]
 * @property {number} [top_p]
 * @property {number} [max_tokens]
 */
/** @typedef {{id: string, name: string, media_type: string, size_bytes: number, pages?: number, withheld?: boolean}} Attachment `withheld`: readers of a share do not get it */
/**
 * @typedef {object} Model
 * @property {string} id
 * @property {string} name
 * @property {string} upstream who serves it
 * @property {boolean} images whether it takes pictures
 * @property {boolean} found whether its server was found on this machine
 * @property {boolean} default
 */
/**
 * @typedef {object} Conversation
 * @property {string} id
 * @property {string} title
 * @property {number} created_at_ms
 * @property {number} updated_at_ms
 * @property {string | null} leaf the last message of the branch that was looked at last
 * @property {ModelOptions} options
 * @property {boolean} pinned stands above the others
 * @property {boolean} archived put away: only the archive lists it
 * @property {readonly string[]} tags the visitor's own words for it
 */
/** @typedef {{message: string | null, excerpt: string}} Found where a search found its words: in a message, or in the title (null) */
/** @typedef {{name: string, text: string}} Snippet a text the composer puts in for `/name` */
/** @typedef {{default_model: string | null, snippets: readonly Snippet[]}} Preferences what the visitor has settled, on all tabs */
/**
 * @typedef {object} Message
 * @property {string} id
 * @property {string} conversation
 * @property {string | null} parent
 * @property {Role} role
 * @property {string} text
 * @property {number} created_at_ms
 * @property {readonly Attachment[]} attachments
 */
/**
 * @typedef {object} AnswerOnly
 * @property {Status} status
 * @property {number} next the offset after `text`; the server's number, never computed here
 * @property {string} reasoning what the model thought aloud before it answered
 * @property {number} reasoning_next the offset after `reasoning`
 * @property {string} model
 * @property {string | null} continues
 * @property {Problem | null} error
 * @property {Usage | null} usage
 */
/** @typedef {Message & AnswerOnly} Answer */
/** @typedef {{answer: string, conversation: string}} Running */
/**
 * @typedef {object} Limits
 * @property {number} prompt_chars
 * @property {number} asks_per_minute
 * @property {number} attachment_bytes the greatest size of one file; 0 when files are not taken
 * @property {number} attachments how many files one message may have
 */

/** @type {ReadonlySet<string>} */
const STATUSES = new Set(["running", "done", "stopped", "failed", "interrupted"]);

/**
 * @param {unknown} value
 * @returns {Conversation}
 */
export function readConversation(value) {
  const raw = record(value);
  return {
    id: text(raw, "id"),
    title: text(raw, "title", ""),
    created_at_ms: number(raw, "created_at_ms", 0),
    updated_at_ms: number(raw, "updated_at_ms", 0),
    leaf: textOrNull(raw, "leaf"),
    options: readOptions(raw.options),
    pinned: raw.pinned === true,
    archived: raw.archived === true,
    tags: list(raw.tags, String),
  };
}

/**
 * @param {unknown} value
 * @returns {Found}
 */
export function readFound(value) {
  const raw = record(value);
  return { message: textOrNull(raw, "message"), excerpt: text(raw, "excerpt", "") };
}

/** @type {Preferences} */
export const NO_PREFERENCES = { default_model: null, snippets: [] };

/**
 * @param {unknown} value
 * @returns {Preferences}
 */
export function readPreferences(value) {
  if (value === undefined || value === null) return NO_PREFERENCES;
  const raw = record(value);
  const snippets = list(raw.snippets, (item) => {
    const snippet = record(item);
    return { name: text(snippet, "name"), text: text(snippet, "text") };
  });
  return { default_model: textOrNull(raw, "default_model"), snippets };
}

/**
 * @param {unknown} value
 * @returns {ModelOptions}
 */
export function readOptions(value) {
  if (value === undefined || value === null) return {};
  const raw = record(value);
  return { ...texts(raw, ["system"]), ...numbers(raw, ["temperature", "top_p", "max_tokens"]) };
}

/**
 * @param {unknown} value
 * @returns {Attachment}
 */
export function readAttachment(value) {
  const raw = record(value);
  return {
    id: text(raw, "id"),
    name: text(raw, "name", ""),
    media_type: text(raw, "media_type", "application/octet-stream"),
    size_bytes: number(raw, "size_bytes", 0),
    ...numbers(raw, ["pages"]),
    ...(raw.withheld === true ? { withheld: true } : {}),
  };
}

/**
 * @param {unknown} value
 * @returns {Model}
 */
export function readModel(value) {
  const raw = record(value);
  const id = text(raw, "id");
  return {
    id,
    name: text(raw, "name", id),
    upstream: text(raw, "upstream", ""),
    images: raw.images === true,
    found: raw.found === true,
    default: raw.default === true,
  };
}

/**
 * @param {unknown} value
 * @returns {Message | Answer}
 */
export function readMessage(value) {
  const raw = record(value);
  const role = text(raw, "role", "status" in raw ? "assistant" : "user");
  return role === "assistant" ? readAnswer(raw) : readPlainMessage(raw, role === "system" ? "system" : "user");
}

/**
 * @param {Raw} raw
 * @param {Role} role
 * @returns {Message}
 */
function readPlainMessage(raw, role) {
  return {
    id: text(raw, "id"),
    conversation: text(raw, "conversation", ""),
    parent: textOrNull(raw, "parent"),
    role,
    text: text(raw, "text", ""),
    created_at_ms: number(raw, "created_at_ms", 0),
    attachments: list(raw.attachments, readAttachment),
  };
}

/**
 * @param {unknown} value
 * @returns {Answer}
 */
export function readAnswer(value) {
  const raw = record(value);
  return {
    ...readPlainMessage(raw, "assistant"),
    status: readStatus(raw.status ?? "done"),
    next: number(raw, "next", 0),
    reasoning: text(raw, "reasoning", ""),
    reasoning_next: number(raw, "reasoning_next", 0),
    model: text(raw, "model", ""),
    continues: textOrNull(raw, "continues"),
    error: readProblemOrNull(raw.error),
    usage: readUsageOrNull(raw.usage),
  };
}

/**
 * @param {unknown} value
 * @returns {Status}
 */
export function readStatus(value) {
  if (typeof value !== "string" || !STATUSES.has(value)) throw new Unreadable("unknown status");
  return /** @type {Status} */ (value);
}

/**
 * @param {unknown} value
 * @returns {Problem | null}
 */
export function readProblemOrNull(value) {
  return value === undefined || value === null ? null : readProblem(value);
}

/**
 * @param {unknown} value
 * @returns {Problem}
 */
export function readProblem(value) {
  const raw = record(value);
  /** @type {Problem} */
  const problem = { code: text(raw, "code", "internal"), message: text(raw, "message", say("Something went wrong.")) };
  if (typeof raw.retry_after === "number") problem.retry_after = raw.retry_after;
  return problem;
}

/**
 * @param {unknown} value
 * @returns {Usage | null}
 */
export function readUsageOrNull(value) {
  if (value === undefined || value === null) return null;
  const raw = record(value);
  return {
    duration_ms: number(raw, "duration_ms", 0),
    ...numbers(raw, ["first_delta_ms", "prompt_tokens", "completion_tokens", "reasoning_tokens"]),
    ...texts(raw, ["upstream", "model", "finish_reason", "history_from"]),
  };
}

/**
 * @param {unknown} value
 * @returns {Running}
 */
export function readRunning(value) {
  const raw = record(value);
  return { answer: text(raw, "answer"), conversation: text(raw, "conversation") };
}

/**
 * @param {unknown} value
 * @returns {Limits | null}
 */
export function readLimits(value) {
  if (value === undefined || value === null) return null;
  const raw = record(value);
  return {
    prompt_chars: number(raw, "prompt_chars", Number.MAX_SAFE_INTEGER),
    asks_per_minute: number(raw, "asks_per_minute", Number.MAX_SAFE_INTEGER),
    attachment_bytes: number(raw, "attachment_bytes", 0),
    attachments: number(raw, "attachments", 0),
  };
}

/**
 * Whether a message is an answer.
 * @param {Message | Answer} message
 * @returns {message is Answer}
 */
export function isAnswer(message) {
  return message.role === "assistant";
}
