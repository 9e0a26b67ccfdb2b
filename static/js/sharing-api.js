/** Links over HTTP: looked through before they exist, made, changed, revoked. Each rejects with an `ApiError`. */

import { request, understood } from "./api.js";
import { list, number, record } from "./reading.js";
import { readFindings, readShare } from "./sharing.js";

/** @import {Finding, Share} from "./sharing.js" */
/** @import {Selection, ShareChange, ShareRequest} from "./sharing-draft.js" */

/** @param {string} id */
const sharePath = (id) => `/api/shares/${encodeURIComponent(id)}`;

/** @returns {Promise<Share[]>} all of the visitor's, newest first */
export async function listShares() {
  const content = await request("GET", "/api/shares");
  return understood(() => list(record(content).shares, (one) => addressed(readShare(one))));
}

/**
 * What of well-known private shapes stands in what would be shared.
 * @param {Selection} selection
 * @returns {Promise<{findings: Finding[], messages: number}>} `messages`: how many would be shared
 */
export async function previewShare(selection) {
  const content = await request("POST", "/api/shares/preview", selection);
  return understood(() => {
    const raw = record(content);
    return { findings: readFindings(raw.findings), messages: number(raw, "messages", 0) };
  });
}

/**
 * @param {ShareRequest} wanted
 * @returns {Promise<Share>}
 */
export async function createShare(wanted) {
  return shareIn(await request("POST", "/api/shares", wanted));
}

/**
 * @param {string} id
 * @param {ShareChange} change
 * @returns {Promise<Share>}
 */
export async function changeShare(id, change) {
  return shareIn(await request("PATCH", sharePath(id), change));
}

/**
 * Moves a snapshot on to what is there now; its link stays.
 * @param {string} id
 * @returns {Promise<Share>}
 */
export async function takeAgain(id) {
  return shareIn(await request("POST", `${sharePath(id)}/update`, {}));
}

/**
 * Ends a link at once; one that was revoked before leaves the list.
 * @param {string} id
 * @returns {Promise<Share | null>} null when it is gone
 */
export async function revokeShare(id) {
  const content = await request("DELETE", sharePath(id));
  return content !== null && record(content).share ? shareIn(content) : null;
}

/**
 * Where the picture of a link is, for the camera of a phone.
 * @param {string} id
 * @returns {string}
 */
export function qrPath(id) {
  return `${sharePath(id)}/qr.svg`;
}

/**
 * @param {unknown} content
 * @returns {Share}
 */
function shareIn(content) {
  return understood(() => addressed(readShare(record(content).share)));
}

/**
 * Where the server does not know its own address it gives paths: of the address at which the page reached it.
 * @param {Share} share
 * @returns {Share}
 */
function addressed(share) {
  return share.url ? { ...share, url: new URL(share.url, location.origin).href } : share;
}
