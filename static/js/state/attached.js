/** The files that go with a draft: uploaded as soon as they are chosen, sent by their ids. Pure. */

import { list, record } from "../reading.js";
import { readAttachment } from "../objects.js";
import { say, sayMany } from "../say.js";

/** @import {Attachment, Limits, Model} from "../objects.js" */
/** @import {Handler, State} from "../state.js" */

/**
 * @typedef {object} Attached
 * @property {string} local this page's own name for it
 * @property {"uploading" | "ready" | "failed"} status
 * @property {number} progress 0 to 1
 * @property {Attachment} file its `id` is "" until the server has it
 * @property {string | null} preview where a picture can be seen before the server has it
 * @property {string | null} problem why it failed
 * @property {boolean} again whether another attempt may work
 */

/** @type {readonly Attached[]} always the same one, so that nothing is drawn again for it */
const NONE = [];

/**
 * Adds a file, or brings one up to date.
 * @type {Handler<"attach">}
 */
export function onAttach(state, { key, item }) {
  const before = state.attached[key] ?? NONE;
  const is = before.some(({ local }) => local === item.local);
  const now = is ? before.map((other) => (other.local === item.local ? item : other)) : [...before, item];
  return { ...state, attached: { ...state.attached, [key]: now } };
}

/**
 * Takes a file away, or all of them.
 * @type {Handler<"detach">}
 */
export function onDetach(state, { key, local }) {
  const now = local === null ? NONE : (state.attached[key] ?? NONE).filter((item) => item.local !== local);
  return { ...state, attached: { ...state.attached, [key]: now }, notice: null };
}

/**
 * @param {Pick<State, "attached">} state
 * @param {string} key
 * @returns {readonly Attached[]}
 */
export function attachedTo(state, key) {
  return state.attached[key] ?? NONE;
}

/**
 * The key of the draft that has this file now: that of a new conversation changes when it gets its id.
 * @param {Pick<State, "attached">} state
 * @param {string} local
 * @returns {string | null}
 */
export function keyWith({ attached }, local) {
  return Object.keys(attached).find((key) => attached[key]?.some((item) => item.local === local)) ?? null;
}

/**
 * Those the server has.
 * @param {readonly Attached[]} items
 * @returns {Attachment[]}
 */
export function readyFiles(items) {
  return items.flatMap(({ status, file }) => (status === "ready" ? [file] : []));
}

/**
 * A file that the server has already.
 * @param {Attachment} file
 * @returns {Attached}
 */
export function fromServer(file) {
  return { local: file.id, status: "ready", progress: 1, file, preview: null, problem: null, again: false };
}

/**
 * Files as they were kept in storage; a damaged list is none.
 * @param {unknown} stored
 * @returns {Attachment[]}
 */
export function readFiles(stored) {
  try {
    return list(stored, (item) => readAttachment(record(item)));
  } catch {
    return [];
  }
}

/** @param {{media_type: string}} file */
export const isPicture = ({ media_type }) => media_type.startsWith("image/");

export const PDF = "application/pdf";

/**
 * Why a file cannot be taken at all; null when it can.
 * @param {{name: string, size: number}} file
 * @param {number} already how many the message has
 * @param {Limits} limits
 * @returns {string | null}
 */
export function whyNot({ name, size }, already, limits) {
  if (already >= limits.attachments) return say("A message can have {most} files; “{name}” is one too many.", { most: limits.attachments, name });
  if (size > limits.attachment_bytes) {
    return say("“{name}” has {size}. A file here can have {most}.", { name, size: sizeText(size), most: sizeText(limits.attachment_bytes) });
  }
  return size === 0 ? say("“{name}” is empty.", { name }) : null;
}

/**
 * Why a message cannot be sent with these files; null when it can.
 * @param {readonly Attached[]} items
 * @param {Model | null} model the one that will be asked, when it is known
 * @returns {{text: string, wait: boolean} | null} `wait`: it will pass by itself
 */
export function hindrance(items, model) {
  if (items.some(({ status }) => status === "failed")) {
    return { text: say("A file could not be uploaded. Remove it, and the message can be sent."), wait: false };
  }
  if (model && !model.images && items.some(({ file }) => isPicture(file))) {
    return { text: say("{model} takes no pictures. Choose another model or remove the picture.", { model: model.name }), wait: false };
  }
  return items.some(({ status }) => status === "uploading") ? { text: say("Uploading…"), wait: true } : null;
}

/**
 * What is said of a file beside its name: its size, and of a PDF its pages.
 * @param {Attachment} file
 * @returns {string}
 */
export function aboutFile({ size_bytes, pages }) {
  const size = sizeText(size_bytes);
  return pages === undefined ? size : sayMany(pages, "{size}, {count} page", "{size}, {count} pages", { size });
}

/**
 * @param {number} bytes
 * @returns {string} as people say it
 */
export function sizeText(bytes) {
  if (bytes < 1_000) return say("{size} B", { size: bytes });
  if (bytes < 1_000_000) return say("{size} kB", { size: Math.round(bytes / 1_000) });
  return say("{size} MB", { size: Math.round(bytes / 100_000) / 10 });
}
