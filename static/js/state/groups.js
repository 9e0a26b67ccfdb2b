/**
 * The list in groups by the reader's own calendar, and each group in runs: short pieces that are drawn one by one, so that a
 * list of ten thousand changes in one place only. Pure; the time comes in from outside.
 */

import { language, say } from "../say.js";

/** @import {Conversation} from "../objects.js" */

/** @typedef {{key: string, items: readonly Conversation[]}} Run */
/** @typedef {{key: string, label: string, items: readonly Conversation[], runs: readonly Run[]}} Group */

/** Of this many conversations one ends a run, whatever stands around it: what is inserted elsewhere moves no other run's end. */
const RUN = 32;
/** No run gets longer than this, however the ids fall. */
const LONGEST_RUN = 96;
/** Ids are random: so much of their end is enough to draw lots by. */
const ENDS = 4;

const MONTH = new Intl.DateTimeFormat(language(), { month: "long", year: "numeric", timeZone: "UTC" });

/**
 * @param {readonly Conversation[]} items newest first
 * @param {number} now_ms
 * @param {{pins?: boolean}} [options] `pins`: whether pinned ones stand apart, above all
 * @returns {Group[]} without empty ones
 */
export function grouped(items, now_ms, { pins = true } = {}) {
  /** @type {Map<string, {label: string, items: Conversation[]}>} */
  const groups = new Map();
  if (pins && items.some(({ pinned }) => pinned)) groups.set("pinned", { label: say("Pinned"), items: [] });
  const spans = recently(now_ms);
  for (const item of items) {
    if (pins && item.pinned) {
      groups.get("pinned")?.items.push(item);
      continue;
    }
    let span = spans.find(({ from_ms }) => item.updated_at_ms >= from_ms);
    if (!span) spans.push((span = monthOf(item.updated_at_ms)));
    const group = groups.get(span.key);
    if (group) group.items.push(item);
    else groups.set(span.key, { label: span.label, items: [item] });
  }
  return [...groups].map(([key, group]) => ({ key, ...group, runs: inRuns(group.items) }));
}

/** @typedef {{key: string, label: string, from_ms: number}} Span */

/**
 * @param {number} now_ms
 * @returns {Span[]} newest first
 */
function recently(now_ms) {
  return [
    { key: "today", label: say("Today"), from_ms: daysBefore(now_ms, 0) },
    { key: "yesterday", label: say("Yesterday"), from_ms: daysBefore(now_ms, 1) },
    { key: "week", label: say("Previous 7 days"), from_ms: daysBefore(now_ms, 7) },
    { key: "month", label: say("Previous 30 days"), from_ms: daysBefore(now_ms, 30) },
  ];
}

/**
 * @param {number} time_ms
 * @returns {Span}
 */
function monthOf(time_ms) {
  const time = new Date(time_ms);
  const [year, month] = [time.getFullYear(), time.getMonth()];
  return { key: `${year}-${month + 1}`, label: MONTH.format(Date.UTC(year, month)), from_ms: new Date(year, month).getTime() };
}

/**
 * Counted in days of the calendar: on some days of the year a day has 23 or 25 hours.
 * @param {number} now_ms
 * @param {number} days
 * @returns {number} when the day began that was so many days ago, in milliseconds
 */
function daysBefore(now_ms, days) {
  const now = new Date(now_ms);
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() - days).getTime();
}

/**
 * The day of a moment, by the reader's calendar: groups are the same as long as it is.
 * @param {number} now_ms
 * @returns {number}
 */
export const dayOf = (now_ms) => daysBefore(now_ms, 0);

/**
 * @param {readonly Conversation[]} items
 * @returns {Run[]}
 */
function inRuns(items) {
  /** @type {Run[]} */
  const runs = [];
  /** @type {Conversation[]} */
  let run = [];
  for (const item of items) {
    run.push(item);
    if (hash(item.id) % RUN !== 0 && run.length < LONGEST_RUN) continue;
    runs.push({ key: item.id, items: run });
    run = [];
  }
  if (run.length) runs.push({ key: "last", items: run });
  return runs;
}

/**
 * @param {string} text
 * @returns {number}
 */
function hash(text) {
  let value = 0;
  for (let at = Math.max(0, text.length - ENDS); at < text.length; at += 1) value = (Math.imul(value, 31) + text.charCodeAt(at)) | 0;
  return value >>> 0;
}

/**
 * A `grouped` that hands out the very runs of the last time where nothing changed in them.
 * @returns {(items: readonly Conversation[], now_ms: number, pins: boolean) => readonly Group[]}
 */
export function rememberedGroups() {
  /** @type {{items: readonly Conversation[], day: number, pins: boolean, groups: readonly Group[]} | null} */
  let last = null;
  return (items, now_ms, pins) => {
    const day = dayOf(now_ms);
    if (last?.items === items && last.day === day && last.pins === pins) return last.groups;
    const before = new Map(last?.groups.map((group) => [group.key, new Map(group.runs.map((run) => [run.key, run]))]));
    const groups = grouped(items, now_ms, { pins }).map((group) => {
      const old = before.get(group.key);
      return old ? { ...group, runs: group.runs.map((run) => sameRun(old.get(run.key), run)) } : group;
    });
    last = { items, day, pins, groups };
    return groups;
  };
}

/**
 * @param {Run | undefined} old
 * @param {Run} run
 * @returns {Run}
 */
function sameRun(old, run) {
  return old?.items.length === run.items.length && old.items.every((item, at) => item === run.items[at]) ? old : run;
}
