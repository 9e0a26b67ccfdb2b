/** The visitor's links to conversations, as the server tells them. Pure; their sentences: sharing-words.js. */

import { list, number, record, text, textOrNull, Unreadable } from "./reading.js";

/** @import {Raw} from "./reading.js" */

/** @typedef {"snapshot" | "live"} ShareKind what is there now; or what is there whenever somebody reads */
/** @typedef {"branch" | "whole" | "chosen"} Scope */
/** @typedef {"open" | "expired" | "used_up" | "revoked"} ShareState */
/** @typedef {"key" | "email" | "phone" | "ip" | "path"} MaskKind what can be masked in the shared copy */
/**
 * @typedef {object} Share a link to a conversation
 * @property {string} id
 * @property {string} conversation its id
 * @property {string} conversation_title
 * @property {ShareKind} kind
 * @property {Scope} scope
 * @property {number} messages how many are shared now
 * @property {readonly MaskKind[]} masked
 * @property {string} title as readers see it
 * @property {string | null} author
 * @property {boolean} may_continue whether readers may take a copy and go on
 * @property {boolean} has_password
 * @property {number | null} expires_at_ms
 * @property {number | null} most_views
 * @property {number} views
 * @property {number | null} viewed_at_ms when it was opened last
 * @property {number} created_at_ms
 * @property {number} updated_at_ms when a snapshot was taken
 * @property {ShareState} state
 * @property {number} readers who has it open now
 * @property {string} url "" when nobody can tell it any more
 */
/**
 * @typedef {object} Shares the visitor's links, as far as the page knows them
 * @property {readonly Share[] | null} items newest first; null until they were read
 * @property {boolean} behind whether the server has said that they changed since
 * @property {string | null} problem why they could not be read
 * @property {string | null} of the conversation the dialog is about; null when it is about all links
 */
/** @typedef {{kind: MaskKind, text: string, count: number, message: string | null}} Finding something private in what would be shared */

/** In the order in which they are told: what does most harm first. */
export const MASK_KINDS = /** @type {const} */ (["key", "email", "phone", "ip", "path"]);
/** @type {ReadonlySet<string>} */
const STATES = new Set(["open", "expired", "used_up", "revoked"]);
/** @type {ReadonlySet<string>} */
const SCOPES = new Set(["branch", "whole", "chosen"]);
/** @type {ReadonlySet<string>} */
const KINDS = new Set(MASK_KINDS);

/**
 * @param {unknown} value Throws `Unreadable`.
 * @returns {Share}
 */
export function readShare(value) {
  const raw = record(value);
  return {
    id: text(raw, "id"),
    conversation: text(raw, "conversation"),
    conversation_title: text(raw, "conversation_title", ""),
    kind: raw.kind === "live" ? "live" : "snapshot",
    scope: /** @type {Scope} */ (oneOf(raw, "scope", SCOPES)),
    messages: number(raw, "messages", 0),
    masked: list(raw.masked, String).filter(isMaskKind),
    title: text(raw, "title", ""),
    author: textOrNull(raw, "author"),
    may_continue: raw.may_continue === true,
    has_password: raw.has_password === true,
    expires_at_ms: numberOrNull(raw, "expires_at_ms"),
    most_views: numberOrNull(raw, "most_views"),
    views: number(raw, "views", 0),
    viewed_at_ms: numberOrNull(raw, "viewed_at_ms"),
    created_at_ms: number(raw, "created_at_ms", 0),
    updated_at_ms: number(raw, "updated_at_ms", 0),
    state: /** @type {ShareState} */ (oneOf(raw, "state", STATES)),
    readers: number(raw, "readers", 0),
    url: text(raw, "url"),
  };
}

/**
 * @param {unknown} value Throws `Unreadable`.
 * @returns {Finding[]} those of a kind that this page knows
 */
export function readFindings(value) {
  const all = list(value, (item) => {
    const raw = record(item);
    return { kind: text(raw, "kind"), text: text(raw, "text", ""), count: number(raw, "count", 1), message: textOrNull(raw, "message") };
  });
  return all.flatMap((finding) => (isMaskKind(finding.kind) ? [{ ...finding, kind: finding.kind }] : []));
}

/**
 * @param {string} kind
 * @returns {kind is MaskKind}
 */
function isMaskKind(kind) {
  return KINDS.has(kind);
}

/**
 * @param {Raw} raw
 * @param {string} field
 * @param {ReadonlySet<string>} known
 * @returns {string}
 */
function oneOf(raw, field, known) {
  const value = text(raw, field);
  if (!known.has(value)) throw new Unreadable(`unknown ${field}`);
  return value;
}

/**
 * @param {Raw} raw
 * @param {string} field
 * @returns {number | null}
 */
function numberOrNull(raw, field) {
  return raw[field] === undefined || raw[field] === null ? null : number(raw, field);
}

/**
 * The links that lead somewhere.
 * @param {readonly Share[] | null} shares
 * @param {string | null} conversation of this one; of all when null
 * @returns {Share[]}
 */
export function openShares(shares, conversation) {
  return (shares ?? []).filter((share) => share.state === "open" && (conversation === null || share.conversation === conversation));
}

/**
 * The list after a link was made or changed.
 * @param {readonly Share[] | null} shares
 * @param {Share} share
 * @returns {Share[]}
 */
export function withShare(shares, share) {
  const all = shares ?? [];
  return all.some(({ id }) => id === share.id) ? all.map((one) => (one.id === share.id ? share : one)) : [share, ...all];
}
