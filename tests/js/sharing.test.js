/** Links to conversations, from the page's side: what the server tells, what is chosen, what is asked for. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { commandsIn } from "../../static/js/commands.js";
import { parseServerFrame } from "../../static/js/frames.js";
import { Unreadable } from "../../static/js/reading.js";
import { openShares, readFindings, readShare, withShare } from "../../static/js/sharing.js";
import { allOf, isChosen, pairsOf, toggled } from "../../static/js/sharing-choice.js";
import { changeOf, countIn, endOf, limitsOf, localTime, madePassword, newDraft, NEW_LIMITS, requestOf, selectionOf, wrongIn } from "../../static/js/sharing-draft.js";
import { byKind } from "../../static/js/sharing-findings.js";
import { draftFor, subjectInView, withFiles } from "../../static/js/sharing-subject.js";
import { initialState, reduce } from "../../static/js/state.js";
import { branch } from "../../static/js/state/tree.js";
import { answer, conversation, message } from "./objects.js";
import { share } from "./shares.js";

const HOUR_MS = 3_600_000;
const NOW_MS = Date.parse("2026-11-23T12:00:00Z");

test("a link is read with suspicion, and what a newer server says more is left out", () => {
  const told = share({ kind: "live", scope: "chosen", author: "Ada", expires_at_ms: 9, most_views: 3, viewed_at_ms: 5, masked: ["key"] });
  assert.deepEqual(readShare({ ...told, leaf: "a1", masked: ["key", "blood_type"] }), told);
  for (const field of ["id", "conversation", "scope", "state", "url"]) assert.throws(() => readShare({ ...told, [field]: undefined }), Unreadable, field);
  assert.throws(() => readShare({ ...told, state: "lost" }), Unreadable);
  assert.throws(() => readShare({ ...told, expires_at_ms: "soon" }), Unreadable);
});

test("open links are those that lead somewhere, of one conversation or of all", () => {
  const shares = [share(), share({ id: "s2", state: "revoked" }), share({ id: "s3", conversation: "c2" })];
  assert.deepEqual(openShares(shares, "c1").map(({ id }) => id), ["s1"]);
  assert.deepEqual(openShares(shares, null).map(({ id }) => id), ["s1", "s3"]);
  assert.deepEqual(openShares(null, "c1"), []);
});

test("a link that was made stands first, one that was changed stays where it is", () => {
  const shares = [share(), share({ id: "s2" })];
  assert.deepEqual(withShare(shares, share({ id: "s3" })).map(({ id }) => id), ["s3", "s1", "s2"]);
  assert.deepEqual(withShare(shares, share({ id: "s2", views: 7 })).map(({ id, views }) => [id, views]), [["s1", 0], ["s2", 7]]);
  assert.deepEqual(withShare(null, share()), [share()]);
});

test("what other tabs did to the links leaves the list behind, and nothing else changes", () => {
  const frame = parseServerFrame({ type: "changed", what: "shares", conversation: "c1" });
  assert.ok(frame?.type === "changed");
  const before = initialState();
  const after = reduce(before, { type: "frame", frame });
  assert.deepEqual(after, { ...before, shares: { ...before.shares, behind: true } });
  const known = reduce(after, { type: "shares", shares: { items: [share()], behind: false } });
  assert.deepEqual(known.shares, { items: [share()], behind: false, problem: null, of: null });
});

test("sharing is a command where there is something to share, the list of links anywhere", () => {
  const ids = (/** @type {ReturnType<typeof initialState>} */ state) => commandsIn(state).map(({ id }) => id).filter((id) => id.startsWith("share"));
  assert.deepEqual(ids(initialState()), ["shares"]);
  assert.deepEqual(ids(initialState({ open: { id: "c1", view: "c1", status: "ready", conversation: conversation() } })), ["share", "shares"]);
});

const TREE = new Map(
  [
    message({ id: "m1", text: "Why?" }),
    answer({ id: "a1", parent: "m1", text: "Because.", status: "done", created_at_ms: 2 }),
    message({ id: "m2", parent: "a1", text: "And who?", created_at_ms: 3, attachments: [{ id: "f", name: "a.txt", media_type: "text/plain", size_bytes: 1 }] }),
    answer({ id: "a2", parent: "m2", text: "He.", status: "done", created_at_ms: 4 }),
    message({ id: "m3", parent: "a2", text: "Sure?", created_at_ms: 5 }),
  ].map((one) => [one.id, one]),
);

test("a question and its answer are chosen together", () => {
  const pairs = pairsOf(branch(TREE, "m3"));
  assert.deepEqual(pairs.map(({ ids }) => ids), [["m1", "a1"], ["m2", "a2"], ["m3"]]);
  assert.deepEqual(pairs.map(({ question, answer: said, files }) => [question, said, files]), [["Why?", "Because.", 0], ["And who?", "He.", 1], ["Sure?", "", 0]]);
  const [first, second] = pairs;
  assert.ok(first && second);
  const all = allOf(pairs);
  assert.equal(all.size, 5);
  const without = toggled(all, first);
  assert.deepEqual([...without], ["m2", "a2", "m3"]);
  assert.ok(!isChosen(without, first) && isChosen(without, second));
  assert.ok(!isChosen(new Set(["m2"]), second), "half of it is not all of it");
  assert.deepEqual([...toggled(new Set(["m2"]), second)].sort(), ["a2", "m2"]);
});

test("answers without a question of their own stand alone", () => {
  const two = [answer({ id: "a1", parent: null }), answer({ id: "a2", parent: "a1" })].map((one) => ({ message: one, siblings: [one.id] }));
  assert.deepEqual(pairsOf(two).map(({ ids }) => ids), [["a1"], ["a2"]]);
});

test("what is asked for: only what the scope needs", () => {
  const draft = newDraft("c1", "a2", new Set(["m1", "a1"]));
  assert.deepEqual(selectionOf(draft), { conversation: "c1", kind: "snapshot", scope: "branch", leaf: "a2" });
  assert.deepEqual(selectionOf({ ...draft, scope: "whole", kind: "live" }), { conversation: "c1", kind: "live", scope: "whole" });
  assert.deepEqual(selectionOf({ ...draft, scope: "chosen" }), { conversation: "c1", kind: "snapshot", scope: "chosen", messages: ["m1", "a1"] });
});

test("without a word of anybody's a link lasts a week, for whoever has it", () => {
  assert.deepEqual(requestOf(newDraft("c1", null, new Set()), ["key"], NOW_MS), {
    conversation: "c1",
    kind: "snapshot",
    scope: "branch",
    masked: ["key"],
    may_continue: false,
    expires_at_ms: NOW_MS + 7 * 24 * HOUR_MS,
    most_views: null,
  });
});

test("limits and names as they were typed", () => {
  const limits = { ...NEW_LIMITS, expiry: /** @type {const} */ ("never"), password: " open sesame ", most_views: " 12 ", may_continue: true, title: " Tides ", author: "  " };
  const { password, most_views, may_continue, title, author, expires_at_ms } = requestOf({ ...newDraft("c1", null, new Set()), limits }, [], NOW_MS);
  assert.deepEqual([password, most_views, may_continue, title, author, expires_at_ms], [" open sesame ", 12, true, "Tides", undefined, null]);
});

test("how long a link lasts", () => {
  assert.equal(endOf({ ...NEW_LIMITS, expiry: "hour" }, NOW_MS), NOW_MS + HOUR_MS);
  assert.equal(endOf({ ...NEW_LIMITS, expiry: "day" }, NOW_MS), NOW_MS + 24 * HOUR_MS);
  const date = localTime(NOW_MS + HOUR_MS);
  assert.match(date, /^2026-11-\d\dT\d\d:\d\d$/);
  assert.equal(endOf({ ...NEW_LIMITS, expiry: "date", date }, NOW_MS), NOW_MS + HOUR_MS);
});

test("a date that is past or none, and views that are no number, are wrong", () => {
  assert.deepEqual(wrongIn(NEW_LIMITS, NOW_MS), []);
  for (const date of ["", "soon", localTime(NOW_MS), localTime(NOW_MS - HOUR_MS)]) assert.deepEqual(wrongIn({ ...NEW_LIMITS, expiry: "date", date }, NOW_MS), ["date"], date);
  assert.deepEqual(wrongIn({ ...NEW_LIMITS, date: "soon" }, NOW_MS), [], "a date that is not asked for");
  for (const most_views of ["0", "-1", "1.5", "many", "1e400"]) assert.deepEqual(wrongIn({ ...NEW_LIMITS, most_views }, NOW_MS), ["most_views"], most_views);
  assert.equal(countIn("7"), 7);
  assert.equal(countIn(""), null);
});

test("a link is changed in nothing but what was touched", () => {
  const was = limitsOf(share({ expires_at_ms: NOW_MS + HOUR_MS + 42, most_views: 5, author: "Ada" }));
  assert.deepEqual([was.expiry, was.most_views, was.title, was.author], ["date", "5", "A title", "Ada"]);
  assert.deepEqual(changeOf(was, was, NOW_MS), {}, "not even by the seconds that a field does not show");
  assert.deepEqual(changeOf(was, { ...was, expiry: "never", most_views: "", author: " ", title: "B", may_continue: true }, NOW_MS), {
    expires_at_ms: null,
    most_views: null,
    may_continue: true,
    title: "B",
    author: null,
  });
  assert.deepEqual(changeOf(was, { ...was, password: "x" }, NOW_MS), { password: "x" });
  assert.deepEqual(changeOf(was, { ...was, title: " " }, NOW_MS), { title: null });
  assert.deepEqual(changeOf(was, { ...was, drop_password: true }, NOW_MS), { password: null });
  assert.deepEqual(changeOf(was, { ...was, expiry: "day" }, NOW_MS), { expires_at_ms: NOW_MS + 24 * HOUR_MS });
});

test("a made password has signs that are told apart, and each is as likely", () => {
  let next = 0;
  const counted = madePassword((bytes) => bytes.forEach((_, at) => (bytes[at] = next++ % 256)));
  assert.equal(counted, "abcd-efgh-jkmn");
  assert.equal(madePassword((bytes) => bytes.fill(next++ % 2 ? 255 : 30)), "9999-9999-9999", "bytes that would favour the first signs are thrown away");
});

test("what was found stands by kind, what does most harm first, with the words around it", () => {
  const long = `${"x".repeat(50)} write to ada@example.org or call ${"y".repeat(50)}\nsecond line`;
  const messages = new Map([...TREE, ["m2", message({ id: "m2", parent: "a1", text: long })]]);
  const findings = readFindings([
    { kind: "email", text: "ada@example.org", count: 2, message: "m2" },
    { kind: "key", text: "sk-1", count: 1, message: "a2" },
    { kind: "email", text: "b@example.org", count: 1, message: "elsewhere" },
    { kind: "ip", text: "10.0.0.1", count: 1, message: null },
    { kind: "shoe_size", text: "44", count: 1, message: "m1" },
  ]);
  const [keys, mails, addresses, ...more] = byKind(findings, messages);
  assert.deepEqual(more, []);
  assert.equal(addresses?.places[0]?.where, "title");
  assert.deepEqual(keys, { kind: "key", count: 1, places: [{ before: "", text: "sk-1", after: "", count: 1, where: "answer", number: 2 }] });
  assert.equal(mails?.count, 3);
  const [first, second] = mails?.places ?? [];
  assert.deepEqual([first?.where, first?.number, first?.count], ["question", 2, 2]);
  assert.equal(first?.before, `…${`${"x".repeat(50)} write to `.slice(-36)}`);
  assert.ok(first?.after.startsWith(" or call yyy") && first.after.endsWith("…") && !first.after.includes("second"));
  assert.deepEqual([second?.where, second?.text], ["other", "b@example.org"]);
});

test("what is in view is shared as it stands there, and what was filled in is kept for it", () => {
  const page = initialState({ open: { id: "c1", view: "c1", status: "ready", conversation: conversation() }, messages: TREE, leaf: "a2" });
  assert.equal(subjectInView(page, "c2"), null);
  const subject = subjectInView(page, "c1");
  assert.ok(subject);
  assert.deepEqual([subject.title, subject.shown.map(({ message: { id } }) => id)], ["A title", ["m1", "a1", "m2", "a2"]]);
  const draft = draftFor("c1", subject, null);
  assert.deepEqual(draft, newDraft("c1", "a2", new Set(["m1", "a1", "m2", "a2"])));
  const filled = { ...draft, chosen: new Set(["m1", "a1"]), kind: /** @type {const} */ ("live") };
  assert.equal(draftFor("c1", subject, filled), filled);
  assert.equal(draftFor("c2", subject, filled).kind, "snapshot", "that was for another conversation");
  const later = { ...subject, shown: branch(TREE, "m3") };
  assert.deepEqual(draftFor("c1", later, filled), { ...filled, leaf: "m3", chosen: new Set(TREE.keys()) }, "new messages are not left out unseen");
});

test("files are told of when they are among what is shared", () => {
  const subject = { title: "", messages: TREE, shown: branch(TREE, "a1") };
  const draft = newDraft("c1", "a1", new Set(["m1", "a1"]));
  assert.equal(withFiles(draft, { ...subject, shown: branch(TREE, "a2") }), true);
  assert.equal(withFiles({ ...draft, scope: "chosen" }, { ...subject, shown: branch(TREE, "a2") }), false);
  assert.equal(withFiles({ ...draft, scope: "chosen", chosen: new Set(["m2"]) }, { ...subject, shown: branch(TREE, "a2") }), true);
  assert.equal(withFiles({ ...draft, scope: "whole" }, subject), true);
});
