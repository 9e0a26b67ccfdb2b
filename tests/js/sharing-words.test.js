/** What the page says about links. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { ApiError, UNREACHABLE } from "../../static/js/api.js";
import { NEW_LIMITS } from "../../static/js/sharing-draft.js";
import { endingWords, markWords } from "../../static/js/sharing-mark.js";
import { MASK_KINDS } from "../../static/js/sharing.js";
import { contentWords, limitsWords, maskWords, messagesWords, placeWords, problemWords, readersWords, relative, stateWords, traitsOf, viewsWords } from "../../static/js/sharing-words.js";
import { share } from "./shares.js";

const NOW_MS = Date.parse("2026-11-23T12:00:00Z");
const MINUTE_MS = 60_000;
const DAY_MS = 1_440 * MINUTE_MS;

test("the button says whether the conversation is shared, and how many read it just now", () => {
  assert.equal(markWords([]), "Share");
  assert.equal(markWords([share()]), "Shared");
  assert.equal(markWords([share({ readers: 1 })]), "Shared · 1 reader now");
  assert.equal(markWords([share({ readers: 1 }), share({ readers: 1_200 })]), "Shared · 1,201 readers now");
});

test("a conversation goes with its links, and that is said", () => {
  const shares = [share(), share({ id: "s2", state: "revoked" }), share({ id: "s3", conversation: "c2" })];
  assert.equal(endingWords(shares, ["c1"]), "Its link has ended; Undo brings it back.");
  assert.equal(endingWords(shares, ["c1", "c2"]), "2 links have ended; Undo brings them back.");
  assert.equal(endingWords(shares, ["c3"]), "");
  assert.equal(endingWords(null, ["c1"]), "");
});

test("times are told as far away as they are", () => {
  assert.equal(relative(NOW_MS + 6 * DAY_MS, NOW_MS), "in 6 days");
  assert.equal(relative(NOW_MS + 7 * DAY_MS - 1, NOW_MS), "in 7 days");
  assert.equal(relative(NOW_MS - 3 * MINUTE_MS, NOW_MS), "3 minutes ago");
  assert.equal(relative(NOW_MS - 1, NOW_MS), "just now");
  assert.equal(relative(NOW_MS + 1, NOW_MS), "within a minute");
});

test("what a link gives its readers, and how it stands", () => {
  const taken = share({ messages: 6, updated_at_ms: NOW_MS - 3 * MINUTE_MS, expires_at_ms: NOW_MS + 2 * DAY_MS });
  assert.equal(contentWords(taken, NOW_MS), "Snapshot of 6 messages, taken 3 minutes ago");
  assert.equal(contentWords(share({ kind: "live", messages: 1 }), NOW_MS), "Live: 1 message now");
  assert.equal(contentWords(share({ kind: "live", scope: "whole" }), NOW_MS), "Live, with all versions: 2 messages now");
  assert.equal(stateWords(taken, NOW_MS), "Ends in 2 days");
  assert.equal(stateWords(share(), NOW_MS), "Never ends by itself");
  assert.equal(stateWords(share({ state: "expired", expires_at_ms: NOW_MS - 2 * DAY_MS }), NOW_MS), "Ended 2 days ago");
  assert.equal(stateWords(share({ state: "used_up" }), NOW_MS), "All its views are used");
  assert.equal(stateWords(share({ state: "revoked" }), NOW_MS), "Revoked");
});

test("views are counted in words", () => {
  assert.equal(viewsWords(share(), NOW_MS), "Not opened yet");
  assert.equal(viewsWords(share({ most_views: 10 }), NOW_MS), "0 of 10 views");
  assert.equal(viewsWords(share({ views: 1, viewed_at_ms: NOW_MS - 5 * MINUTE_MS }), NOW_MS), "1 view, last 5 minutes ago");
  assert.equal(viewsWords(share({ views: 2, most_views: 10 }), NOW_MS), "2 of 10 views");
  assert.deepEqual([0, 1, 2].map(readersWords), ["", "1 reader now", "2 readers now"]);
  assert.deepEqual(traitsOf(share({ has_password: true, may_continue: true, masked: ["key", "ip"] })), ["password", "readers may continue", "masked: keys and tokens, IP addresses"]);
});

test("the limits are told while they are folded away", () => {
  assert.equal(limitsWords(NEW_LIMITS, NOW_MS), "Ends after 1 week");
  const all = { ...NEW_LIMITS, expiry: /** @type {const} */ ("never"), password: "x", most_views: "1", may_continue: true, author: " Ada " };
  assert.equal(limitsWords(all, NOW_MS), "Never ends by itself · password · 1 view at most · readers may continue · by Ada");
  assert.equal(limitsWords({ ...NEW_LIMITS, expiry: "date" }, NOW_MS), "Ends at a date");
  assert.match(limitsWords({ ...NEW_LIMITS, expiry: "date", date: "2026-12-24T18:00" }, NOW_MS), /^Ends Dec 24, 2026, 6:00.PM$/);
});

test("every kind of private thing has its words, found or still to come", () => {
  for (const kind of MASK_KINDS) {
    assert.match(maskWords(kind, 1), /^Mask 1 /);
    assert.match(maskWords(kind, 3), /^Mask 3 .*s$/);
    assert.match(maskWords(kind, 0), /^Mask .* that come later$/);
  }
  const place = { before: "", text: "", after: "", count: 1, number: 2 };
  assert.equal(placeWords({ ...place, where: "question" }), "Your question 2");
  assert.equal(placeWords({ ...place, where: "answer", count: 3 }), "Answer 2 and elsewhere: 3 times");
  assert.equal(placeWords({ ...place, where: "title" }), "Title");
  assert.equal(placeWords({ ...place, where: "other" }), "Elsewhere");
  assert.equal(messagesWords(1), "1 message");
});

test("a problem says what to do; without the server, that nothing is lost", () => {
  assert.equal(problemWords(new ApiError(400, { code: "invalid", message: "The title is too long." })), "The title is too long.");
  assert.match(problemWords(new ApiError(0, UNREACHABLE)), /stays here: try again/);
});
