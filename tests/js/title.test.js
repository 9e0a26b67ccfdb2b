import assert from "node:assert/strict";
import test from "node:test";

import { readDevice, NEW_DEVICE } from "../../static/js/device.js";
import { tabTitle } from "../../static/js/title.js";
import { conversation } from "./objects.js";

const OPEN = { id: "c1", view: "c1", status: /** @type {const} */ ("ready"), conversation: conversation({ title: "Bread" }) };
const NEW = { id: null, view: "new", status: /** @type {const} */ ("new"), conversation: null };
const NONE = new Set([""].slice(1));

test("the tab is called after the conversation", () => {
  assert.equal(tabTitle({ open: NEW, ready: NONE }, false, "Parley"), "Parley");
  assert.equal(tabTitle({ open: OPEN, ready: NONE }, false, "Parley"), "Bread · Parley");
  assert.equal(tabTitle({ open: { ...OPEN, status: "missing", conversation: null }, ready: NONE }, false, "Parley"), "Not here · Parley");
});

test("it says that an answer is being written, and how many wait unseen", () => {
  assert.equal(tabTitle({ open: OPEN, ready: NONE }, true, "Parley"), "… Bread · Parley");
  assert.equal(tabTitle({ open: OPEN, ready: new Set(["c2", "c3"]) }, true, "Parley"), "(2) Bread · Parley");
});

test("what is kept of the device is read with care", () => {
  assert.deepEqual(readDevice({ sidebar: "hidden", theme: "pink", unknown: 1 }), { ...NEW_DEVICE, sidebar: "hidden" });
  assert.deepEqual(readDevice("nonsense"), NEW_DEVICE);
});
