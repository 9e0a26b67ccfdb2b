/**
 * The objects both transports carry (conversations, messages, answers), read from untrusted JSON.
 *
 * Their field names are the wire's. A missing field with an obvious default gets it; a value without which the
 * object makes no sense throws `Unreadable`. No I/O, no DOM.
 */

/** @typedef {"running" | "done" | "stopped" | "failed" | "interrupted"} Status */
/** @typedef {"user" | "assistant" | "system"} Role */
/** @typedef {{code: string, message: string, retry_after?: number}} Problem */
/** @typedef {{duration_ms: number, first_delta_ms?: number}} Usage */
/**
 * @typedef {object} Conversation
 * @property {string} id
 * @property {string} title
 * @property {number} created_at_ms
 * @property {number} updated_at_ms
 * @property {string | null} leaf the last message of the branch that was looked at last
 */
/**
 * @typedef {object} Message
 * @property {string} id
 * @property {string} conversation
 * @property {string | null} parent
 * @property {Role} role
 * @property {string} text
 * @property {number} created_at_ms
 */
/**
 * @typedef {object} AnswerOnly
 * @property {Status} status
 * @property {number} next the offset after `text`; the server's number, never computed here
 * @property {string} model
 * @property {string | null} continues
 * @property {Problem | null} error
 * @property {Usage | null} usage
 */
/** @typedef {Message & AnswerOnly} Answer */
/** @typedef {{answer: string, conversation: string}} Running */
/** @typedef {{prompt_chars: number, asks_per_minute: number}} Limits */
/** @typedef {Record<string, unknown>} Raw */

/** A value that is not what the wire promises. */
export class Unreadable extends Error {}

/** @type {ReadonlySet<string>} */
const STATUSES = new Set(["running", "done", "stopped", "failed", "interrupted"]);

/**
 * @param {unknown} value
 * @returns {Raw}
 */
export function record(value) {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Unreadable("not an object");
  return /** @type {Raw} */ (value);
}

/**
 * @param {Raw} raw
 * @param {string} field
 * @param {string} [otherwise] used when the field is missing or null; without it the field is required
 * @returns {string}
 */
export function text(raw, field, otherwise) {
  const value = raw[field];
  if (typeof value === "string") return value;
  if ((value === undefined || value === null) && otherwise !== undefined) return otherwise;
  throw new Unreadable(`${field} is not text`);
}

/**
 * @param {Raw} raw
 * @param {string} field
 * @returns {string | null}
 */
export function textOrNull(raw, field) {
  const value = raw[field];
  return typeof value === "string" ? value : null;
}

/**
 * @param {Raw} raw
 * @param {string} field
 * @param {number} [otherwise]
 * @returns {number}
 */
export function number(raw, field, otherwise) {
  const value = raw[field];
  if (typeof value === "number" && Number.isFinite(value)) return value;
  if ((value === undefined || value === null) && otherwise !== undefined) return otherwise;
  throw new Unreadable(`${field} is not a number`);
}

/**
 * @template T
 * @param {unknown} value
 * @param {(item: unknown) => T} read
 * @returns {T[]}
 */
export function list(value, read) {
  if (value === undefined || value === null) return [];
  if (!Array.isArray(value)) throw new Unreadable("not a list");
  return value.map(read);
}

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
  const problem = { code: text(raw, "code", "internal"), message: text(raw, "message", "Something went wrong.") };
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
  /** @type {Usage} */
  const usage = { duration_ms: number(raw, "duration_ms", 0) };
  if (typeof raw.first_delta_ms === "number") usage.first_delta_ms = raw.first_delta_ms;
  return usage;
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
