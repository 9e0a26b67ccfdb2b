/** The pure parts of the chat in a frame: unread answers, events, colours, the line above the composer; and its size. */

import assert from "node:assert/strict";
import { existsSync, readFileSync } from "node:fs";
import { test } from "node:test";
import { gzipSync } from "node:zlib";

import { loadConversation, loadNewest } from "../../static/js/embed/api.js";
import { EventReader } from "../../static/js/embed/events.js";
import { contrast, rgbOf, shadesOf } from "../../static/js/embed/look.js";
import { watchHeight } from "../../static/js/embed/height.js";
import { noticeLine } from "../../static/js/embed/notice.js";
import { placeOf, wantedPlace } from "../../static/js/embed/place.js";
import { publicCode } from "../../static/js/embed/problems.js";
import { kept } from "../../static/js/embed/storage.js";
import { readSeen, seenAll, unreadIn } from "../../static/js/embed/unread.js";
import { readAnswer, readMessage } from "../../static/js/objects.js";
import { initialState } from "../../static/js/state.js";

const answer = (/** @type {string} */ id, next = 5, status = "done") => readAnswer({ id, text: next ? "words" : "", next, status });
const question = (/** @type {string} */ id) => readMessage({ id, role: "user", text: "?" });

test("answers that ended behind the one that was seen are unread, and one that went on since", () => {
  const shown = [question("q1"), answer("a1"), question("q2"), answer("a2"), question("q3"), answer("a3", 5, "running")];
  assert.equal(unreadIn(shown, null), 2);
  assert.equal(unreadIn(shown, { answer: "a1", next: 5 }), 1);
  assert.equal(unreadIn(shown, { answer: "a1", next: 3 }), 2);
  assert.equal(unreadIn(shown, { answer: "a3", next: 2 }), 0);
  assert.equal(unreadIn([answer("a3", 9)], { answer: "a3", next: 2 }), 1);
  assert.equal(unreadIn(Array.from({ length: 200 }, (_, at) => answer(`a${at}`)), null), 99);
  assert.deepEqual(seenAll(shown), { answer: "a3", next: 5 });
  assert.equal(seenAll([question("q")]), null);
  assert.deepEqual(readSeen({ answer: "a", next: 1, more: 2 }), { answer: "a", next: 1 });
  assert.equal(readSeen({ answer: 1, next: 1 }), null);
});

test("events come whole, however the network cut them", () => {
  const text = ': hello\n\nevent: delta\nid: 3\ndata: {"a":1}\n\nevent: ended\r\ndata: x\r\ndata: y\r\n\r\ndata:plain\n\n';
  const wanted = [{ type: "delta", data: '{"a":1}' }, { type: "ended", data: "x\ny" }, { type: "message", data: "plain" }];
  for (const size of [1, 2, 3, 7, 1_000]) {
    const reader = new EventReader();
    const pieces = text.match(new RegExp(`[^]{1,${size}}`, "g")) ?? [];
    assert.deepEqual(pieces.flatMap((piece) => reader.read(piece)), wanted, `${size}`);
  }
});

test("whatever colour an owner chooses, words in it and on it can be read", () => {
  for (const color of ["#000000", "#ffffff", "#ffff00", "#0a7d4b", "#ff0000", "#777777", "#1a73e8", "#ff69b4"]) {
    const { fill, ink, light, dark } = shadesOf(color);
    assert.equal(fill, color);
    assert.ok(contrast(rgbOf(fill), rgbOf(ink)) >= 4.5, `${color} with ${ink}`);
    assert.ok(contrast(rgbOf(light), rgbOf("#f3f1eb")) >= 4.5, `${color} by day: ${light}`);
    assert.ok(contrast(rgbOf(dark), rgbOf("#20211d")) >= 4.5, `${color} by night: ${dark}`);
  }
  assert.equal(shadesOf("#0f6b5c").light, "#0f6b5c");
});

test("the line says the problem first, then what it waits for, then what the browser will not remember", () => {
  const about = { busy: true, up: true, way: /** @type {const} */ ("none"), forgets: true };
  const state = initialState({ mode: "offline" });
  const line = (/** @type {Partial<import("../../static/js/state.js").State>} */ more, /** @type {Partial<typeof about>} */ other = {}) => noticeLine({ ...state, ...more }, { ...about, ...other });
  assert.equal(line({ notice: { view: "new", message: "Too many." } }).words, "Too many.");
  assert.equal(line({}).kind, "waiting");
  assert.equal(line({}, { up: false }).kind, "plain");
  assert.equal(line({ mode: "socket" }, { forgets: false }).words, "");
});

test("storage that throws keeps nothing and breaks nothing", () => {
  const forbidden = kept(() => { throw new Error("SecurityError"); }, "acme");
  assert.equal(forbidden.get("rt"), null);
  assert.equal(forbidden.set("rt", "x"), false);
});

test("the page's data is read, and a host page gets no storage that the owner did not offer", () => {
  const place = placeOf({ embed: "acme", ticket: "t", sites: '["https://a.test"]', resume: "never", anySite: "", font: "18", radius: "0" });
  assert.deepEqual([place.sites, place.anySite, place.localhost, place.resume, place.font_px, place.radius_px], [["https://a.test"], true, false, "never", 18, 0]);
  assert.deepEqual(placeOf({ sites: "broken" }).sites, []);
  assert.equal(wantedPlace(place, { storage: "host" }).storage, "partitioned");
  assert.equal(wantedPlace({ ...place, storage: "host" }, { storage: "host" }).storage, "host");
  assert.equal(wantedPlace(place, { storage: "memory", resume: "auto" }).resume, "auto");
});

test("s10 which conversation is meant stands in a header, never in an address", async (t) => {
  const fetched = t.mock.method(globalThis, "fetch", async () => new Response(JSON.stringify({ conversation: null, messages: [] })));
  assert.deepEqual(await loadConversation("access", "c1"), { conversation: null, messages: [] });
  const [address, options] = fetched.mock.calls[0]?.arguments ?? [];
  assert.equal(address, "/embed/api/conversation");
  assert.deepEqual(options?.headers, { Accept: "application/json", Authorization: "Bearer access", "Parley-Conversation": "c1" });
  await loadNewest("access", "auto");
  assert.ok(!("Parley-Conversation" in Object(fetched.mock.calls[1]?.arguments[1]?.headers)));
});

test("the height is told once more when it has come to rest, but not the one that a larger window made", (t) => {
  t.mock.timers.enable({ apis: ["setTimeout"] });
  let measure = () => {};
  class Sizes {
    /** @param {() => void} changed */
    constructor(changed) {
      measure = changed;
    }

    observe() {}
  }
  Object.assign(globalThis, { ResizeObserver: Sizes, innerHeight: 300 });
  const content = /** @type {HTMLElement} */ ({ offsetHeight: 100 });
  /** @type {number[]} */
  const told = [];
  watchHeight(/** @type {any} */ ({ children: [content] }), content, content, (height) => told.push(height));
  const grow = (/** @type {number} */ offsetHeight, innerHeight = globalThis.innerHeight) => {
    Object.assign(content, { offsetHeight });
    Object.assign(globalThis, { innerHeight });
    measure();
  };
  for (const height of [310, 320, 330]) {
    grow(height);
    t.mock.timers.tick(1_000); // the answer is still being written
  }
  assert.deepEqual(told, [310, 320, 330]);
  t.mock.timers.tick(200);
  assert.deepEqual(told.splice(0), [310, 320, 330, 330]);
  grow(330, 330); // the loader did as it was told
  grow(360, 360); // and this is a loop
  t.mock.timers.tick(5_000);
  assert.deepEqual(told, [360]);
});

test("host pages know problems by a few codes", () => {
  const code = (/** @type {string} */ given) => publicCode({ code: given, message: "" });
  assert.deepEqual(["limit_reached", "unreachable", "shutting_down", "unavailable"].map(code), ["rate_limited", "offline", "offline", "unavailable"]);
});

test("document, style and script together are at most 60 kB compressed", () => {
  const read = (/** @type {string} */ path) => readFileSync(new URL(`../../${path}`, import.meta.url));
  const script = read("static/vendor/page/embed.js").toString();
  // What it imports before it runs counts as well.
  const more = [...script.matchAll(/(?:from|import)"\.\/([\w-]+\.js)"/g)].map(([, name]) => `static/vendor/page/${name}`);
  const paths = ["templates/embed.html", "static/vendor/page/embed.css", "static/vendor/page/embed.js", ...more];
  const sizes = paths.map((path) => gzipSync(read(path), { level: 9 }).length);
  assert.ok(sizes.reduce((sum, size) => sum + size, 0) <= 60_000, paths.map((path, at) => `${path}: ${sizes[at]}`).join(", "));
  assert.ok(!/from"\.\/lit|LitElement/.test(script));
  for (const name of ["embed.js", "embed.css", "embed-closed.js"]) for (const end of [".gz", ".br"]) assert.ok(existsSync(new URL(`../../static/vendor/page/${name}${end}`, import.meta.url)), name);
});
