/** The one line below the composer: the most important thing there is to say about the message just now. Pure. */

import { charactersLeft, sendingWords } from "../draft.js";
import { say, sayMany } from "../say.js";
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
 * @property {string} [brought] what to say of a text that a link brought
 * @property {boolean} added whether the text was just added to the message that waits
 * @property {boolean} listening whether it is being dictated
 * @property {Device["send_key"]} send_key
 * @property {boolean} apple
 */

const UPLOADING = say("A file is still being uploaded. Your text stays here.");
const NO_WORDS = say("Write what the model should do with it.");
const BEGINS = say("The conversation is just being begun. Your text stays here.");
const ADDED = say("Added to the message that waits.");
const LISTENING = say("Listening… Escape ends it.");

/**
 * @param {Writing} writing
 * @returns {Hint}
 */
export function composerHint(writing) {
  const { text, limit, notice, files, model, tried } = writing;
  const left = charactersLeft(text, limit);
  if (left !== null && left < 0) {
    return { kind: "problem", text: sayMany(-left, "This is {count} character too long. A message here can have {limit}.", "This is {count} characters too long. A message here can have {limit}.", { limit }) };
  }
  if (notice !== null) return { kind: "problem", text: notice };
  const hindered = hindrance(files, model);
  if (hindered && !hindered.wait) return { kind: "problem", text: hindered.text };
  if (tried && hindered) return { kind: "notice", text: UPLOADING };
  if (tried && !text.trim()) return { kind: "notice", text: NO_WORDS };
  if (tried && writing.begins) return { kind: "notice", text: BEGINS };
  if (writing.listening) return { kind: "notice", text: LISTENING };
  if (writing.brought) return { kind: "notice", text: writing.brought };
  if (left !== null) return { kind: "notice", text: sayMany(left, "{count} left", "{count} left") };
  if (writing.added) return { kind: "notice", text: ADDED };
  return { kind: "plain", text: sendingWords(writing.send_key, writing.apple) };
}
