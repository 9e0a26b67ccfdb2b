/** The list in groups by the reader's calendar, wherever and whenever that is, and in runs that stay what they are. */

import assert from "node:assert/strict";
import { afterEach, test } from "node:test";

import { dayOf, grouped, rememberedGroups } from "../../static/js/state/groups.js";
import { conversation } from "./objects.js";

/** @import {Conversation} from "../../static/js/objects.js" */

const HERE = process.env.TZ;
const HOUR_MS = 3_600_000;

afterEach(() => {
  if (HERE === undefined) delete process.env.TZ;
  else process.env.TZ = HERE;
});

/** @param {readonly string[]} times as the reader's clock shows them, newest first */
const at = (...times) => times.map((time) => conversation({ id: time, updated_at_ms: new Date(time).getTime() }));

/**
 * @param {readonly Conversation[]} items
 * @param {string} now
 */
const shape = (items, now) => grouped(items, new Date(now).getTime()).map(({ label, items: held }) => [label, held.map(({ id }) => id)]);

test("groups follow the calendar, not hours", () => {
  for (const zone of ["UTC", "Asia/Tokyo", "America/St_Johns", "Pacific/Apia", "Europe/Berlin"]) {
    process.env.TZ = zone;
    const items = at("2026-11-22T00:00", "2026-11-21T23:59", "2026-11-21T00:00", "2026-11-20T23:59", "2026-11-15T00:00", "2026-11-14T23:59", "2026-10-23T00:00", "2026-10-22T23:59", "2026-10-01T00:00", "2026-09-30T23:59", "2025-10-15T12:00");
    assert.deepEqual(shape(items, "2026-11-22T00:00:01"), [
      ["Today", ["2026-11-22T00:00"]],
      ["Yesterday", ["2026-11-21T23:59", "2026-11-21T00:00"]],
      ["Previous 7 days", ["2026-11-20T23:59", "2026-11-15T00:00"]],
      ["Previous 30 days", ["2026-11-14T23:59", "2026-10-23T00:00"]],
      ["October 2026", ["2026-10-22T23:59", "2026-10-01T00:00"]],
      ["September 2026", ["2026-09-30T23:59"]],
      ["October 2025", ["2025-10-15T12:00"]],
    ], zone);
  }
});

test("a day may have 23 or 25 hours", () => {
  process.env.TZ = "Europe/Berlin";
  // Clocks went back on the 25th of October 2026: it had 25 hours. And forward on the 29th of March: 23.
  assert.deepEqual(shape(at("2026-10-25T00:30", "2026-10-24T23:30"), "2026-10-26T00:10"), [["Yesterday", ["2026-10-25T00:30"]], ["Previous 7 days", ["2026-10-24T23:30"]]]);
  assert.deepEqual(shape(at("2026-03-29T00:30", "2026-03-28T23:30"), "2026-03-30T00:10"), [["Yesterday", ["2026-03-29T00:30"]], ["Previous 7 days", ["2026-03-28T23:30"]]]);
  const midnight = new Date("2026-10-25T00:00").getTime();
  assert.equal(dayOf(midnight + 24.5 * HOUR_MS), midnight);
  assert.notEqual(dayOf(midnight + 25 * HOUR_MS), midnight);
});

test("one moment is in another group in another place", () => {
  const item = conversation({ id: "x", updated_at_ms: Date.UTC(2026, 10, 21, 20) });
  const now_ms = Date.UTC(2026, 10, 22, 9);
  for (const [zone, label] of /** @type {const} */ ([["UTC", "Yesterday"], ["Asia/Tokyo", "Today"], ["Pacific/Honolulu", "Today"]])) {
    process.env.TZ = zone;
    assert.equal(grouped([item], now_ms)[0]?.label, label, zone);
  }
});

test("pinned ones stand above, once; not where they are searched for", () => {
  const items = at("2026-11-22T09:00", "2026-11-22T08:00", "2024-01-01T00:00").map((item, place) => ({ ...item, pinned: place !== 1 }));
  assert.deepEqual(shape(items, "2026-11-22T12:00"), [["Pinned", ["2026-11-22T09:00", "2024-01-01T00:00"]], ["Today", ["2026-11-22T08:00"]]]);
  const labels = grouped(items, new Date("2026-11-22T12:00").getTime(), { pins: false }).map(({ label }) => label);
  assert.deepEqual(labels, ["Today", "January 2024"]);
});

test("a clock that is behind the server's shows what is new as of today", () => {
  assert.deepEqual(shape(at("2026-11-23T09:00"), "2026-11-22T12:00"), [["Today", ["2026-11-23T09:00"]]]);
});

/** @param {number} count */
const many = (count) => Array.from({ length: count }, (_, place) => conversation({ id: `c${place}`, updated_at_ms: 1_700_000_000_000 - place * 60_000 }));

test("of ten thousand conversations, one that changes leaves all runs but few the very same", () => {
  const groups = rememberedGroups();
  const items = many(10_000);
  const now_ms = 1_700_000_000_000;
  const before = groups(items, now_ms, true).flatMap(({ runs }) => runs);
  assert.ok(before.every(({ items: run }) => run.length > 0 && run.length <= 96));
  assert.ok(before.length < 700);
  assert.equal(groups(items, now_ms + 1, true).flatMap(({ runs }) => runs)[3], before[3]);
  const changed = items[5_000];
  assert.ok(changed);
  const moved = [{ ...changed, updated_at_ms: now_ms + 1 }, ...items.filter((item) => item !== changed)];
  const fresh = groups(moved, now_ms + 1, true).flatMap(({ runs }) => runs).filter((run) => !before.includes(run));
  assert.ok(fresh.length <= 3, `${fresh.length} runs are others`);
  assert.deepEqual(groups(moved, now_ms + 1, true).flatMap(({ items: held }) => held), moved);
});
