/** What is chosen and typed for a link, and the request it becomes. Pure. */

/** @import {MaskKind, Scope, Share, ShareKind} from "./sharing.js" */

/** @typedef {"hour" | "day" | "week" | "never" | "date"} Expiry */
/**
 * @typedef {object} Limits what stands in the form's fields
 * @property {Expiry} expiry
 * @property {string} date of a `datetime-local` field, when `expiry` is a date
 * @property {string} password "" for none; while a link is changed, for the one it has
 * @property {boolean} drop_password whether the one it has is taken away
 * @property {string} most_views
 * @property {boolean} may_continue
 * @property {string} title
 * @property {string} author
 */
/** @typedef {"date" | "most_views"} LimitField a field that can be wrong */
/**
 * @typedef {object} ShareDraft a link that does not exist yet
 * @property {string} conversation
 * @property {Scope} scope
 * @property {string | null} leaf where the shown branch ends
 * @property {ReadonlySet<string>} chosen the messages, when they are chosen one by one
 * @property {ShareKind} kind
 * @property {Limits} limits
 */
/** @typedef {{conversation: string, kind: ShareKind, scope: Scope, leaf?: string, messages?: string[]}} Selection */
/**
 * @typedef {object} ShareChange
 * @property {string | null} [title] null takes the conversation's
 * @property {string | null} [author]
 * @property {boolean} [may_continue]
 * @property {string | null} [password] null takes it away
 * @property {number | null} [expires_at_ms]
 * @property {number | null} [most_views]
 */
/** @typedef {Selection & {masked: MaskKind[]} & ShareChange} ShareRequest */

const HOUR_MS = 3_600_000;
/** @type {Record<"hour" | "day" | "week", number>} */
const LASTS_MS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS };
/** Without signs that are mistaken for one another. */
const SIGNS = "abcdefghjkmnpqrstuvwxyz23456789";
const PASSWORD_SIGNS = 12;

/** @type {Limits} */
export const NEW_LIMITS = { expiry: "week", date: "", password: "", drop_password: false, most_views: "", may_continue: false, title: "", author: "" };

/**
 * @param {string} conversation
 * @param {string | null} leaf
 * @param {ReadonlySet<string>} chosen
 * @returns {ShareDraft} what most people want
 */
export function newDraft(conversation, leaf, chosen) {
  return { conversation, scope: "branch", leaf, chosen, kind: "snapshot", limits: NEW_LIMITS };
}

/**
 * What is shared, for the look at it before the link exists.
 * @param {ShareDraft} draft
 * @returns {Selection}
 */
export function selectionOf({ conversation, kind, scope, leaf, chosen }) {
  return {
    conversation,
    kind,
    scope,
    ...(scope === "branch" && leaf !== null ? { leaf } : {}),
    ...(scope === "chosen" ? { messages: [...chosen] } : {}),
  };
}

/**
 * @param {Limits} limits
 * @param {number} now_ms
 * @returns {LimitField[]} the fields that are wrong
 */
export function wrongIn(limits, now_ms) {
  /** @type {LimitField[]} */
  const wrong = [];
  if (limits.expiry === "date" && !(Date.parse(limits.date) > now_ms)) wrong.push("date");
  if (limits.most_views.trim() && countIn(limits.most_views) === null) wrong.push("most_views");
  return wrong;
}

/**
 * @param {ShareDraft} draft without anything wrong
 * @param {Iterable<MaskKind>} masked
 * @param {number} now_ms
 * @returns {ShareRequest}
 */
export function requestOf(draft, masked, now_ms) {
  const { limits } = draft;
  const title = limits.title.trim();
  const author = limits.author.trim();
  return {
    ...selectionOf(draft),
    masked: [...masked],
    ...(title ? { title } : {}),
    ...(author ? { author } : {}),
    may_continue: limits.may_continue,
    ...(limits.password ? { password: limits.password } : {}),
    expires_at_ms: endOf(limits, now_ms),
    most_views: countIn(limits.most_views),
  };
}

/**
 * The fields as they stand for a link that exists.
 * @param {Share} share
 * @returns {Limits}
 */
export function limitsOf({ expires_at_ms, most_views, may_continue, title, author }) {
  return {
    ...NEW_LIMITS,
    expiry: expires_at_ms === null ? "never" : "date",
    date: expires_at_ms === null ? "" : localTime(expires_at_ms),
    most_views: most_views === null ? "" : String(most_views),
    may_continue,
    title,
    author: author ?? "",
  };
}

/**
 * @param {Limits} was the fields before anybody touched them
 * @param {Limits} limits without anything wrong
 * @param {number} now_ms
 * @returns {ShareChange} only what was changed
 */
export function changeOf(was, limits, now_ms) {
  const touched = (/** @type {keyof Limits} */ field) => was[field] !== limits[field];
  return {
    ...(touched("expiry") || (limits.expiry === "date" && touched("date")) ? { expires_at_ms: endOf(limits, now_ms) } : {}),
    ...(limits.password ? { password: limits.password } : limits.drop_password ? { password: null } : {}),
    ...(touched("most_views") ? { most_views: countIn(limits.most_views) } : {}),
    ...(touched("may_continue") ? { may_continue: limits.may_continue } : {}),
    ...(touched("title") ? { title: limits.title.trim() || null } : {}),
    ...(touched("author") ? { author: limits.author.trim() || null } : {}),
  };
}

/**
 * @param {Limits} limits
 * @param {number} now_ms
 * @returns {number | null} null for never
 */
export function endOf({ expiry, date }, now_ms) {
  if (expiry === "never") return null;
  return expiry === "date" ? Date.parse(date) : now_ms + LASTS_MS[expiry];
}

/**
 * @param {string} words
 * @returns {number | null} null when it is no whole number from 1 on
 */
export function countIn(words) {
  const count = Number(words.trim());
  return words.trim() !== "" && Number.isSafeInteger(count) && count >= 1 ? count : null;
}

/**
 * A moment as a `datetime-local` field holds it: in this place's time, without seconds.
 * @param {number} at_ms
 * @returns {string}
 */
export function localTime(at_ms) {
  const at = new Date(at_ms);
  const two = (/** @type {number} */ part) => String(part).padStart(2, "0");
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`;
}

/**
 * A password that can be read out over the telephone: twelve signs in three groups, 59 bits.
 * @param {(bytes: Uint8Array<ArrayBuffer>) => void} fill fills with random bytes
 * @returns {string}
 */
export function madePassword(fill) {
  const fair = 256 - (256 % SIGNS.length); // a byte from here on would favour the first signs
  let signs = "";
  while (signs.length < PASSWORD_SIGNS) {
    const bytes = new Uint8Array(PASSWORD_SIGNS);
    fill(bytes);
    for (const byte of bytes) if (byte < fair && signs.length < PASSWORD_SIGNS) signs += SIGNS[byte % SIGNS.length];
  }
  return (signs.match(/.{4}/g) ?? []).join("-");
}
