/** Files of drafts, models that take pictures or do not, and where the model's view begins. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { askFrame } from "../../static/js/frames.js";
import { initialState, reduce } from "../../static/js/state.js";
import { aboutFile, attachedTo, fromServer, hindrance, readFiles, readyFiles, sizeText, whyNot } from "../../static/js/state/attached.js";
import { readOutbox } from "../../static/js/state/outbox.js";
import { uploadingText } from "../../static/js/state/uploading.js";
import { branch, mergeMessages, NO_MESSAGES } from "../../static/js/state/tree.js";
import { chosenModel, historyFrom, wantedModel } from "../../static/js/state/view.js";
import { answer, message } from "./objects.js";

/** @import {Event, State} from "../../static/js/state.js" */
/** @import {Attached} from "../../static/js/state/attached.js" */

const PICTURE = { id: "f1", name: "a.png", media_type: "image/png", size_bytes: 10 };
const NOTES = { id: "f2", name: "b.md", media_type: "text/plain", size_bytes: 20 };
const model = (/** @type {object} */ fields = {}) => ({ id: "m", name: "m", upstream: "u", images: false, found: false, default: false, ...fields });
const after = (/** @type {State} */ state, /** @type {Event[]} */ ...events) => events.reduce(reduce, state);

/** @param {Partial<Attached>} [fields] @returns {Attached} */
const uploading = (fields = {}) => ({ ...fromServer({ ...PICTURE, id: "" }), local: "l1", status: "uploading", progress: 0, ...fields });

test("a file is added once, brought up to date, and taken away", () => {
  let state = after(initialState(), { type: "attach", key: "new", item: uploading() }, { type: "attach", key: "new", item: fromServer(NOTES) });
  state = after(state, { type: "attach", key: "new", item: uploading({ status: "ready", file: PICTURE }) });
  assert.deepEqual(readyFiles(attachedTo(state, "new")), [PICTURE, NOTES]);
  state = after(state, { type: "detach", key: "new", local: "l1" });
  assert.deepEqual(readyFiles(attachedTo(state, "new")), [NOTES]);
  state = after(state, { type: "detach", key: "new", local: null });
  assert.deepEqual(attachedTo(state, "new"), []);
  assert.equal(attachedTo(state, "c1"), attachedTo(state, "c2"), "nothing is always the same nothing");
});

test("why a message waits for its files or cannot have them", () => {
  const sighted = model({ images: true });
  assert.equal(hindrance([], model()), null);
  assert.equal(hindrance([fromServer(PICTURE), fromServer(NOTES)], sighted), null);
  assert.equal(hindrance([fromServer(PICTURE)], null), null, "no model is known yet: the server decides");
  assert.equal(hindrance([fromServer(NOTES)], model()), null);
  assert.match(hindrance([fromServer(PICTURE)], model({ name: "Small" }))?.text ?? "", /^Small takes no pictures/);
  assert.equal(hindrance([uploading()], sighted)?.wait, true);
  assert.equal(hindrance([uploading(), uploading({ status: "failed", problem: "No." })], sighted)?.wait, false);
});

test("what is too much, too big or empty is refused by name before it is sent", () => {
  const limits = { prompt_chars: 1, asks_per_minute: 1, attachment_bytes: 10_000_000, attachments: 2 };
  assert.equal(whyNot({ name: "a", size: 10_000_000 }, 1, limits), null);
  assert.match(whyNot({ name: "a", size: 1 }, 2, limits) ?? "", /“a” is one too many/);
  assert.equal(whyNot({ name: "a", size: 12_340_000 }, 0, limits), "“a” has 12.3 MB. A file here can have 10 MB.");
  assert.match(whyNot({ name: "a", size: 0 }, 0, limits) ?? "", /empty/);
  assert.deepEqual([999, 1_500, 2_000_000].map(sizeText), ["999 B", "2 kB", "2 MB"]);
});

test("of a PDF its pages are said, and that it is being read when all of it has come", () => {
  const pdf = { id: "f3", name: "c.pdf", media_type: "application/pdf", size_bytes: 20_000 };
  assert.equal(aboutFile(pdf), "20 kB");
  assert.equal(aboutFile({ ...pdf, pages: 1 }), "20 kB, 1 page");
  assert.equal(aboutFile({ ...pdf, pages: 12 }), "20 kB, 12 pages");
  assert.deepEqual(readFiles([{ ...pdf, pages: 12 }, { ...NOTES, pages: "many" }]), [{ ...pdf, pages: 12 }, NOTES]);
  assert.equal(uploadingText(uploading({ file: pdf, progress: 0.5 })), "Uploading, 50 %");
  assert.equal(uploadingText(uploading({ file: pdf, progress: 1 })), "Reading its text…");
  assert.equal(uploadingText(uploading({ file: NOTES, progress: 1 })), "Uploading, 100 %");
});

test("a refused question gives text, files and options back", () => {
  const frame = askFrame({
    id: "r1", text: "Why?", conversation: null, parent: null, model: null, options: { temperature: 1 }, attachments: ["f1", "f2"],
  });
  const state = after(
    initialState(),
    { type: "queue", waiting: { frame, view: "new", files: [PICTURE, NOTES] } },
    { type: "attach", key: "new", item: uploading() },
    { type: "frame", frame: { type: "error", id: "r1", answer: null, problem: { code: "invalid_input", message: "No." } } },
  );
  assert.equal(state.drafts.new, "Why?");
  assert.deepEqual(readyFiles(attachedTo(state, "new")), [PICTURE, NOTES]);
  assert.equal(attachedTo(state, "new").length, 3, "what was added meanwhile stays");
  assert.deepEqual(state.options, { temperature: 1 });
  assert.equal(state.notice?.message, "No.");
});

test("the outbox keeps what the files are over a reload; damage loses only them", () => {
  const frame = askFrame({ id: "r1", text: "Why?", conversation: "c1", parent: "m1", model: null, attachments: ["f1"] });
  const waiting = { frame, view: "c1", files: [PICTURE] };
  assert.deepEqual(readOutbox(JSON.parse(JSON.stringify([waiting]))), [waiting]);
  assert.deepEqual(readOutbox([{ ...waiting, files: 7 }]), [{ frame, view: "c1" }]);
  assert.deepEqual(readFiles([PICTURE, { name: "no id" }]), []);
});

test("a kept choice of a model counts while there is such a model, and again when it is back", () => {
  const models = [model({ id: "a", default: false }), model({ id: "b", default: true })];
  let state = initialState({ model: "found" });
  assert.equal(wantedModel(state), "found", "the list is not known yet");
  assert.equal(chosenModel(state), null);
  state = after(state, { type: "models", models });
  assert.equal(wantedModel(state), null);
  assert.equal(chosenModel(state)?.id, "b");
  state = after(state, { type: "models", models: [...models, model({ id: "found", found: true })] });
  assert.equal(wantedModel(state), "found");
  assert.equal(chosenModel(state)?.id, "found");
});

test("the mark of the model's view comes from the newest answer that knows it", () => {
  const usage = (/** @type {string | undefined} */ from) => ({ duration_ms: 1, ...(from ? { history_from: from } : {}) });
  const tree = mergeMessages(NO_MESSAGES, [
    message({ id: "m1", created_at_ms: 1 }),
    answer({ id: "a1", parent: "m1", status: "done", created_at_ms: 2, usage: usage("m0") }),
    message({ id: "m2", parent: "a1", created_at_ms: 3 }),
    answer({ id: "a2", parent: "m2", status: "done", created_at_ms: 4, usage: usage("m2") }),
    message({ id: "m3", parent: "a2", created_at_ms: 5 }),
    answer({ id: "a3", parent: "m3", created_at_ms: 6 }),
    answer({ id: "a4", parent: "m3", status: "done", created_at_ms: 7, usage: usage(undefined) }),
  ]);
  assert.equal(historyFrom(branch(tree, "a2")), "m2");
  assert.equal(historyFrom(branch(tree, "a3")), "m2", "while one runs, the last word stands");
  assert.equal(historyFrom(branch(tree, "a4")), null, "this one saw all");
  assert.equal(historyFrom([]), null);
});
