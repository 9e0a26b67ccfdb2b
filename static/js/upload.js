/** One file on its way to the server. `XMLHttpRequest`, because `fetch` does not tell how far an upload is. */

import { ApiError, parsed, problemIn, understood, UNREACHABLE } from "./api.js";
import { readAttachment } from "./objects.js";
import { record } from "./reading.js";

/** @import {Attachment} from "./objects.js" */

/** An upload that has not moved for this long is given up. */
const SILENT_MS = 30_000;

/**
 * @typedef {object} Upload
 * @property {Promise<Attachment>} done rejects with an `ApiError`
 * @property {() => void} abort
 */

/**
 * Begins to upload a file.
 * @param {File} file
 * @param {string} name
 * @param {(progress: number) => void} onProgress from 0 to 1
 * @returns {Upload}
 */
export function upload(file, name, onProgress) {
  const request = new XMLHttpRequest();
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let silence;
  const heard = () => {
    clearTimeout(silence);
    silence = setTimeout(() => request.abort(), SILENT_MS);
  };
  /** @type {Promise<Attachment>} */
  const done = new Promise((resolve, reject) => {
    request.upload.onprogress = ({ loaded, total }) => {
      heard();
      onProgress(total ? loaded / total : 0);
    };
    request.onload = () => {
      try {
        resolve(attachmentIn(request.status, request.responseText));
      } catch (error) {
        reject(error);
      }
    };
    request.onerror = request.onabort = () => reject(new ApiError(0, UNREACHABLE));
    request.onloadend = () => clearTimeout(silence);
  });
  request.open("POST", `/api/attachments?${new URLSearchParams({ name })}`);
  request.setRequestHeader("Accept", "application/json");
  request.setRequestHeader("Content-Type", "application/octet-stream");
  heard();
  request.send(file);
  return { done, abort: () => request.abort() };
}

/**
 * @param {number} status
 * @param {string} words
 * @returns {Attachment}
 */
function attachmentIn(status, words) {
  const content = parsed(words);
  if (status < 200 || status > 299) throw new ApiError(status, problemIn(status, content));
  return understood(() => readAttachment(record(content).attachment));
}
