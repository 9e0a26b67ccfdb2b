/** What the page says about links: sentences made of their facts. Pure. */

import { language, say, sayMany } from "./say.js";
import { countIn, endOf } from "./sharing-draft.js";

/** @import {ApiError} from "./api.js" */
/** @import {Limits, LimitField} from "./sharing-draft.js" */
/** @import {Found} from "./sharing-findings.js" */
/** @import {MaskKind, Share} from "./sharing.js" */

const MINUTE_MS = 60_000;
/** @type {readonly [Intl.RelativeTimeFormatUnit, number][]} */
const UNITS = [["day", 1_440 * MINUTE_MS], ["hour", 60 * MINUTE_MS], ["minute", MINUTE_MS]];

/**
 * @param {number} at_ms
 * @param {number} now_ms
 * @returns {string} “in 6 days”, “3 minutes ago”
 */
export function relative(at_ms, now_ms) {
  const words = new Intl.RelativeTimeFormat(language(), { numeric: "always" });
  const away_ms = at_ms - now_ms;
  const [unit, size] = UNITS.find(([, length]) => Math.abs(away_ms) >= length) ?? ["minute", MINUTE_MS];
  const count = Math.round(away_ms / size);
  if (count === 0) return away_ms > 0 ? say("within a minute") : say("just now");
  return words.format(count, unit);
}

/**
 * @param {number} at_ms
 * @returns {string} the moment, in this place's time
 */
export function moment(at_ms) {
  return new Intl.DateTimeFormat(language(), { dateStyle: "medium", timeStyle: "short" }).format(at_ms);
}

/**
 * @param {number} count
 * @returns {string}
 */
export function messagesWords(count) {
  return sayMany(count, "{count} message", "{count} messages");
}

/**
 * @param {Share} share
 * @param {number} now_ms
 * @returns {string} what readers get
 */
export function contentWords({ kind, scope, messages, updated_at_ms }, now_ms) {
  const count = messagesWords(messages);
  if (kind === "snapshot") return say("Snapshot of {messages}, taken {when}", { messages: count, when: relative(updated_at_ms, now_ms) });
  if (scope === "whole") return say("Live, with all versions: {messages} now", { messages: count });
  return say("Live: {messages} now", { messages: count });
}

/**
 * @param {Share} share
 * @param {number} now_ms
 * @returns {string} how long it lasts, or how it ended
 */
export function stateWords({ state, expires_at_ms }, now_ms) {
  if (state === "revoked") return say("Revoked");
  if (state === "used_up") return say("All its views are used");
  if (state === "expired") return expires_at_ms === null ? say("Ended") : say("Ended {when}", { when: relative(expires_at_ms, now_ms) });
  return expires_at_ms === null ? say("Never ends by itself") : say("Ends {when}", { when: relative(expires_at_ms, now_ms) });
}

/**
 * @param {Share} share
 * @param {number} now_ms
 * @returns {string} how often it was opened, and when last
 */
export function viewsWords({ views, most_views, viewed_at_ms }, now_ms) {
  if (!views && most_views === null) return say("Not opened yet");
  const count = viewCount(views, most_views);
  return viewed_at_ms === null ? count : say("{views}, last {when}", { views: count, when: relative(viewed_at_ms, now_ms) });
}

/**
 * @param {number} views
 * @param {number | null} most
 */
function viewCount(views, most) {
  if (most !== null) return say("{count} of {most} views", { count: views, most });
  return sayMany(views, "{count} view", "{count} views");
}

/**
 * @param {number} readers
 * @returns {string} "" when nobody reads it now
 */
export function readersWords(readers) {
  return readers ? sayMany(readers, "{count} reader now", "{count} readers now") : "";
}

/**
 * What is not as usual about a link, in a few words each.
 * @param {Share} share
 * @returns {string[]}
 */
export function traitsOf({ has_password, may_continue, masked }) {
  return [
    ...(has_password ? [say("password")] : []),
    ...(may_continue ? [say("readers may continue")] : []),
    ...(masked.length ? [say("masked: {kinds}", { kinds: masked.map(maskName).join(", ") })] : []),
  ];
}

/**
 * The limits of a link that does not exist yet, while they are folded away.
 * @param {Limits} limits
 * @param {number} now_ms
 * @returns {string}
 */
export function limitsWords(limits, now_ms) {
  const most = countIn(limits.most_views);
  return [
    lastsWords(limits, now_ms),
    ...(limits.password ? [say("password")] : []),
    ...(most === null ? [] : [sayMany(most, "{count} view at most", "{count} views at most")]),
    ...(limits.may_continue ? [say("readers may continue")] : []),
    ...(limits.author.trim() ? [say("by {author}", { author: limits.author.trim() })] : []),
  ].join(" · ");
}

/**
 * @param {Limits} limits
 * @param {number} now_ms
 */
function lastsWords(limits, now_ms) {
  switch (limits.expiry) {
    case "hour":
      return say("Ends after 1 hour");
    case "day":
      return say("Ends after 1 day");
    case "week":
      return say("Ends after 1 week");
    case "never":
      return say("Never ends by itself");
    case "date": {
      const end = endOf(limits, now_ms);
      return end === null || Number.isNaN(end) ? say("Ends at a date") : say("Ends {moment}", { moment: moment(end) });
    }
  }
}

/** @type {Record<LimitField, () => string>} */
const WRONG = {
  date: () => say("Give a moment that is still to come."),
  most_views: () => say("Give a whole number from 1 on, or leave it empty."),
};

/** @param {LimitField} field */
export const wrongWords = (field) => WRONG[field]();

/**
 * @param {MaskKind} kind
 * @returns {string} what it is, of many
 */
export function maskName(kind) {
  switch (kind) {
    case "key":
      return say("keys and tokens");
    case "email":
      return say("e-mail addresses");
    case "phone":
      return say("phone numbers");
    case "ip":
      return say("IP addresses");
    case "path":
      return say("home folders");
  }
}

/**
 * @param {MaskKind} kind
 * @param {number} count
 * @returns {string} “Mask 3 e-mail addresses”
 */
export function maskWords(kind, count) {
  if (count === 0) return say("Mask {kinds} that come later", { kinds: maskName(kind) });
  switch (kind) {
    case "key":
      return sayMany(count, "Mask {count} key or token", "Mask {count} keys and tokens");
    case "email":
      return sayMany(count, "Mask {count} e-mail address", "Mask {count} e-mail addresses");
    case "phone":
      return sayMany(count, "Mask {count} phone number", "Mask {count} phone numbers");
    case "ip":
      return sayMany(count, "Mask {count} IP address", "Mask {count} IP addresses");
    case "path":
      return sayMany(count, "Mask {count} home folder", "Mask {count} home folders");
  }
}

/**
 * @param {Found} found
 * @returns {string} where it stands first, and how often there is more of it
 */
export function placeWords({ where, number, count }) {
  const place = { question: () => say("Your question {number}", { number }), answer: () => say("Answer {number}", { number }), title: () => say("Title"), other: () => say("Elsewhere") }[where]();
  return count === 1 ? place : sayMany(count, "{place} and elsewhere: {count} time", "{place} and elsewhere: {count} times", { place });
}

/**
 * Why something did not work, and what to do.
 * @param {ApiError} error
 * @returns {string}
 */
export function problemWords(error) {
  if (error.unreachable) return say("The server cannot be reached. What you entered stays here: try again when you are connected.");
  return error.problem.message;
}
