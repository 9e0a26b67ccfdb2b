/** What the server keeps of this visitor, as it says it, and what can be done about it. No DOM. */

import { request, understood } from "./api.js";
import { list, number, record, text, textOrNull } from "./reading.js";

/**
 * @typedef {object} MyData
 * @property {{listed: number, archived: number, deleted: number}} conversations
 * @property {number} messages
 * @property {{count: number, bytes: number}} files
 * @property {number} snippets
 * @property {number} shares links that are open
 * @property {number | null} first_seen_ms
 * @property {boolean} has_recovery_code
 * @property {number} retention_days 0: nothing is deleted by itself
 * @property {readonly {id: string, title: string}[]} hidden private conversations that are still in the server's memory
 */

const PATH = "/api/visitor";
/** What has to be said, and typed, before everything is deleted. */
export const CONFIRMATION = "delete everything";

/** @param {unknown} value @returns {MyData} Throws `Unreadable` */
export function readMyData(value) {
  const raw = record(value);
  const conversations = record(raw.conversations ?? {});
  const files = record(raw.files ?? {});
  return {
    conversations: {
      listed: number(conversations, "listed", 0),
      archived: number(conversations, "archived", 0),
      deleted: number(conversations, "deleted", 0),
    },
    messages: number(raw, "messages", 0),
    files: { count: number(files, "count", 0), bytes: number(files, "bytes", 0) },
    snippets: number(raw, "snippets", 0),
    shares: number(raw, "shares", 0),
    first_seen_ms: typeof raw.first_seen_ms === "number" ? raw.first_seen_ms : null,
    has_recovery_code: raw.has_recovery_code === true,
    retention_days: number(raw, "retention_days", 0),
    hidden: list(raw.private, (item) => ({ id: text(record(item), "id"), title: textOrNull(record(item), "title") ?? "" })),
  };
}

/** @returns {Promise<MyData>} Rejects with an `ApiError`, as all below */
export async function loadMyData() {
  const content = await request("GET", `${PATH}/data`);
  return understood(() => readMyData(content));
}

/** @returns {Promise<string>} a new recovery code; an older one is worth nothing from now on */
export async function makeRecoveryCode() {
  const content = await request("POST", `${PATH}/recovery`, {});
  return understood(() => text(record(content), "code"));
}

/** @returns {Promise<void>} */
export async function removeRecoveryCode() {
  await request("DELETE", `${PATH}/recovery`);
}

/**
 * Makes this browser the visitor whose code it is. What this browser had comes along.
 * @param {string} code
 * @returns {Promise<{conversations: number, moved: number}>} all there are now, and how many of them this browser had
 */
export async function recover(code) {
  const content = await request("POST", `${PATH}/recover`, { code });
  return understood(() => ({ conversations: number(record(content), "conversations", 0), moved: number(record(content), "moved", 0) }));
}

/** @returns {Promise<void>} */
export async function deleteEverything() {
  await request("DELETE", PATH, { confirm: CONFIRMATION });
}

/**
 * Ends a private conversation.
 * @param {string} id
 * @returns {Promise<void>}
 */
export async function endPrivate(id) {
  await request("DELETE", `/api/conversations/${encodeURIComponent(id)}`);
}
