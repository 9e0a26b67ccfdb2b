/** What is said of a file that is on its way to the server. Pure. */

import { say } from "../say.js";
import { PDF } from "./attached.js";

/** @import {Attached} from "./attached.js" */

/**
 * How far a file is on its way: of a PDF the server takes out the text before it is done.
 * @param {Attached} item
 * @returns {string}
 */
export function uploadingText({ file, progress }) {
  if (file.media_type === PDF && progress === 1) return say("Reading its text…");
  return say("Uploading, {percent} %", { percent: Math.round(progress * 100) });
}
