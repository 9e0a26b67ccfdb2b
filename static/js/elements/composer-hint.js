/** The one line below the composer: the most important thing there is to say about the message just now. Pure. */

import { charactersLeft, sendingWords } from "../draft.js";
import { hindrance } from "../state/attached.js";

/** @import {Device} from "../device.js" */
/** @import {Model} from "../objects.js" */
/** @import {Attached} from "../state/attached.js" */

/** @typedef {{kind: "problem" | "notice" | "plain", text: string}} Hint `plain` is for people with a keyboard only */
/**
 * @typedef {object} Writing what the line is about
 * @property {string} text
 * @property {number} limit
 * @property {string | null} notice why the last message was not taken
 * @property {readonly Attached[]} files
 * @property {Model | null} model
 * @property {boolean} tried whether sending was tried while it cannot be sent
 * @property {boolean} begins whether the first question of a new conversation is on its way
 * @property {boolean} added whether the text was just added to the message that waits
 * @property {boolean} listening whether it is being dictated
 * @property {Device["send_key"]} send_key
 * @property {boolean} apple
 */

const UPLOADING = "A file is still being uploaded. Your text stays here.";
const NO_WORDS = "Write what the model should do with it.";
const BEGINS = "The conversation is just being begun. Your text stays here.";
const ADDED = "Added to the message that waits.";
const LISTENING = "Listening… Escape ends it.";

/**
 * @param {Writing} writing
 * @returns {Hint}
 */
export function composerHint(writing) {
  const { text, limit, notice, files, model, tried } = writing;
  const left = charactersLeft(text, limit);
  if (left !== null && left < 0) {
    return { kind: "problem", text: `This is ${count(-left)} characters too long. A message here can have ${count(limit)}.` };
  }
  if (notice !== null) return { kind: "problem", text: notice };
  const hindered = hindrance(files, model);
  if (hindered && !hindered.wait) return { kind: "problem", text: hindered.text };
  if (tried && hindered) return { kind: "notice", text: UPLOADING };
  if (tried && !text.trim()) return { kind: "notice", text: NO_WORDS };
  if (tried && writing.begins) return { kind: "notice", text: BEGINS };
  if (writing.listening) return { kind: "notice", text: LISTENING };
  if (left !== null) return { kind: "notice", text: `${count(left)} left` };
  if (writing.added) return { kind: "notice", text: ADDED };
  return { kind: "plain", text: sendingWords(writing.send_key, writing.apple) };
}

/** @param {number} n */
const count = (n) => n.toLocaleString("en");
