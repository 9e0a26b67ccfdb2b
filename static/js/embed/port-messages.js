/** What the loader may say over the port: each message by its own schema; whatever is none of these is null. Pure. */

import { record, text, textOrNull, Unreadable } from "../reading.js";
import { parsed } from "./storage.js";

/** @import {Raw} from "../reading.js" */

export const VERSION = 1;
const NAMESPACE = "parley";
const MOST_BYTES = 16_384;
const MOST_CONTEXT_BYTES = 2_048;
/** Of a text the host page sends or fills in. */
const LONGEST_TEXT = 4_000;
const LONGEST_TOKEN = 8_000;
const LONGEST_GREETING = 280;
const LONGEST_STARTER = 80;
const LONGEST_LINE = 200;
const MOST_STARTERS = 4;
const COLOR = /^#[0-9a-f]{6}$/i;
const LOCALE = /^[a-z]{2,8}([-_][a-z0-9]{1,8})*$/i;

/** @typedef {"light" | "dark" | "auto"} Theme */
/** @type {readonly Theme[]} */
const THEMES = ["light", "dark", "auto"];
/**
 * @typedef {object} Options what the host page says of this one chat; what is missing is as the page has it
 * @property {"bubble" | "inline" | "none"} [mode]
 * @property {Theme} [theme]
 * @property {string} [color]
 * @property {string} [title]
 * @property {string} [greeting]
 * @property {readonly string[]} [starters]
 * @property {string} [locale]
 * @property {"auto" | "always" | "never"} [resume]
 * @property {"partitioned" | "memory" | "host"} [storage]
 * @property {string} [prefill]
 * @property {string} [refresh]
 * @property {boolean} [forgets] whether the host page has nowhere to keep a `refresh`
 * @property {boolean} [compact]
 */
/**
 * @typedef {object} Look what the owner's preview changes
 * @property {string} [title]
 * @property {string} [greeting]
 * @property {readonly string[]} [starters]
 * @property {string} [disclosure]
 * @property {string} [color]
 * @property {Theme} [theme]
 * @property {number} [radius_px]
 * @property {number} [font_px]
 */
/**
 * @typedef {{type: "hello", opts: Options}
 *   | {type: "open"} | {type: "close"} | {type: "destroy"}
 *   | {type: "focus", to: "composer" | "heading" | "first" | "last"}
 *   | {type: "prefill", text: string}
 *   | {type: "send", id: string, text: string}
 *   | {type: "new_chat", id: string}
 *   | {type: "identify", id: string, jwt: string | null, name: string, out: boolean}
 *   | {type: "context", facts: Record<string, string>, refused: string}
 *   | {type: "theme", theme: Theme | null, color: string | null}
 *   | {type: "locale", locale: string}
 *   | {type: "viewport", fullscreen: boolean}
 *   | {type: "preview", look: Look}} Message
 */

/** @type {Record<string, (raw: Raw) => Message>} */
const READERS = {
  hello: (raw) => ({ type: "hello", opts: readOptions(record(raw.opts ?? {})) }),
  open: () => ({ type: "open" }),
  close: () => ({ type: "close" }),
  destroy: () => ({ type: "destroy" }),
  focus: (raw) => ({ type: "focus", to: oneOf(raw.to, ["composer", "heading", "first", "last"]) ?? "composer" }),
  prefill: (raw) => ({ type: "prefill", text: words(raw, "text", LONGEST_TEXT) }),
  send: (raw) => ({ type: "send", id: words(raw, "id", LONGEST_LINE), text: words(raw, "text", LONGEST_TEXT) }),
  new_chat: (raw) => ({ type: "new_chat", id: words(raw, "id", LONGEST_LINE) }),
  identify: readIdentify,
  context: readContext,
  theme: (raw) => ({ type: "theme", theme: oneOf(raw.mode, THEMES) ?? null, color: colorIn(raw.color) ?? null }),
  locale: (raw) => ({ type: "locale", locale: localeIn(text(raw, "locale")) }),
  viewport: (raw) => ({ type: "viewport", fullscreen: raw.fullscreen === true }),
  preview: (raw) => ({ type: "preview", look: readLook(raw) }),
};

/**
 * @param {unknown} data of a message event
 * @returns {Message | null} null when it is too large, damaged, or of a kind this page does not know
 */
export function readMessage(data) {
  try {
    const { ns, v, type, payload } = record(data);
    // Facts have a bound of their own, and those that are refused take the place of the old ones all the same.
    if (bytesOf(data) > MOST_BYTES && type !== "context") return null;
    if (ns !== NAMESPACE || v !== VERSION || typeof type !== "string" || !Object.hasOwn(READERS, type)) return null;
    return READERS[type]?.(record(payload ?? {})) ?? null;
  } catch {
    return null;
  }
}

/**
 * @param {string} type
 * @param {object} [payload]
 * @returns {object} a message to the loader
 */
export function envelope(type, payload = {}) {
  return { ns: NAMESPACE, v: VERSION, type, payload };
}

/**
 * What is no value counts as not said: a page's slip must not leave its visitors without a chat.
 * @param {Raw} raw
 * @returns {Options}
 */
function readOptions(raw) {
  return said({
    mode: oneOf(raw.mode, ["bubble", "inline", "none"]),
    theme: oneOf(raw.theme, THEMES),
    color: colorIn(raw.color),
    title: cut(raw.title, LONGEST_LINE),
    greeting: cut(raw.greeting, LONGEST_GREETING),
    starters: typeof raw.starters === "string" ? startersOf(raw.starters) : startersIn(raw.starters),
    locale: typeof raw.locale === "string" && LOCALE.test(raw.locale) ? raw.locale : undefined,
    resume: oneOf(raw.resume, ["auto", "always", "never"]),
    storage: oneOf(raw.storage, ["partitioned", "memory", "host"]),
    prefill: cut(raw.prefill, LONGEST_TEXT),
    refresh: typeof raw.refresh === "string" && raw.refresh.length <= LONGEST_TOKEN ? raw.refresh : undefined,
    // The loader says null where nothing is kept, and nothing where it may not look.
    forgets: raw.storage === "host" && raw.refresh === undefined ? true : undefined,
    compact: [true, false, 1, 0].includes(/** @type {boolean | number} */ (raw.compact)) ? Boolean(raw.compact) : undefined,
  });
}

/**
 * @param {Raw} raw
 * @returns {Look}
 */
function readLook(raw) {
  return said({
    title: cut(raw.title, LONGEST_LINE),
    greeting: cut(raw.greeting, LONGEST_GREETING),
    starters: startersIn(raw.starters),
    disclosure: cut(raw.disclosure, LONGEST_LINE),
    color: colorIn(raw.color),
    theme: oneOf(raw.theme, THEMES),
    radius_px: typeof raw.radius_px === "number" ? raw.radius_px : undefined,
    font_px: typeof raw.font_px === "number" ? raw.font_px : undefined,
  });
}

/**
 * @param {Raw} raw
 * @returns {Message}
 */
function readIdentify(raw) {
  const jwt = textOrNull(raw, "jwt");
  if (jwt !== null && jwt.length > LONGEST_TOKEN) throw new Unreadable("jwt is too long");
  return { type: "identify", id: words(raw, "id", LONGEST_LINE), jwt, name: cut(raw.name, LONGEST_LINE) ?? "", out: raw.jwt === null };
}

/**
 * Facts that are refused are none: what was said of another page is not true of this one either.
 * @param {Raw} raw
 * @returns {Message}
 */
function readContext(raw) {
  const other = Object.keys(raw).find((name) => typeof raw[name] !== "string");
  const bytes = bytesOf(raw);
  let refused = "";
  if (other !== undefined) refused = `the value of "${other}" is not text.`;
  else if (bytes > MOST_CONTEXT_BYTES) refused = `${bytes} bytes as JSON are more than ${MOST_CONTEXT_BYTES}.`;
  return { type: "context", facts: refused ? {} : /** @type {Record<string, string>} */ ({ ...raw }), refused };
}

/** @param {unknown} value @returns {number} as it goes out */
export function bytesOf(value) {
  return new TextEncoder().encode(JSON.stringify(value)).length;
}

/**
 * @param {Raw} raw
 * @param {string} field
 * @param {number} longest
 * @returns {string}
 */
function words(raw, field, longest) {
  const value = text(raw, field);
  if (value.length > longest) throw new Unreadable(`${field} is too long`);
  return value;
}

/** @param {string} tag */
function localeIn(tag) {
  if (!LOCALE.test(tag)) throw new Unreadable("not a language");
  return tag;
}

/**
 * @param {unknown} value
 * @returns {string | undefined} "" stands for our own colour
 */
function colorIn(value) {
  return typeof value === "string" && (value === "" || COLOR.test(value)) ? value.toLowerCase() : undefined;
}

/**
 * @param {unknown} value
 * @returns {string[] | undefined}
 */
function startersIn(value) {
  if (!Array.isArray(value)) return undefined;
  return value.flatMap((one) => cut(one, LONGEST_STARTER)?.trim() || []).slice(0, MOST_STARTERS);
}

/**
 * As they stand in the page's snippet: the server splits them, but for those that its address had no room for.
 * @param {string} words
 * @returns {string[] | undefined}
 */
function startersOf(words) {
  const starters = startersIn(words.startsWith("[") ? parsed(words) : words.split("|"));
  return starters?.length ? starters : undefined;
}

/**
 * @param {unknown} value
 * @param {number} longest
 * @returns {string | undefined}
 */
function cut(value, longest) {
  return typeof value === "string" ? value.slice(0, longest) : undefined;
}

/**
 * @template {string} T
 * @param {unknown} value
 * @param {readonly T[]} known
 * @returns {T | undefined}
 */
function oneOf(value, known) {
  return known.find((one) => one === value);
}

/**
 * @template {object} T
 * @param {T} fields
 * @returns {{[K in keyof T]?: Exclude<T[K], undefined>}} without those that were not said
 */
function said(fields) {
  return /** @type {{[K in keyof T]?: Exclude<T[K], undefined>}} */ (Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)));
}
