/** Bringing conversations in: one file on its way to the server at a time. No DOM. */

import { ApiError, parsed, problemIn, understood, UNREACHABLE } from "./api.js";
import { say } from "./say.js";
import { readImported } from "./transcripts.js";

/** @import {Imported} from "./transcripts.js" */

/** A large file over a slow line, and the server's work on it, may take this long. */
const TIMEOUT_MS = 15 * 60_000;
const CANCELLED = say("Cancelled. If the file had arrived already, its conversations still come in.");
const TOO_LONG = say("The server took too long. What has come in is in the list.");

/**
 * @typedef {{kind: "none"} | {kind: "running", bytes: number} | {kind: "done", imported: Imported}
 *   | {kind: "failed", message: string} | {kind: "cancelled", message: string}} ImportState
 */

/** The import of the page. It outlives the dialog it was begun in. */
export class Importing {
  #onChange;
  /** @type {AbortController | null} */
  #running = null;

  /** @param {(state: ImportState) => void} onChange */
  constructor(onChange) {
    this.#onChange = onChange;
    /** @type {ImportState} */
    this.state = { kind: "none" };
  }

  /**
   * Brings the conversations of a file in. Does nothing while another is on its way.
   * @param {Blob} file
   */
  async begin(file) {
    if (this.#running) return;
    this.#running = new AbortController();
    this.#become({ kind: "running", bytes: file.size });
    const late = AbortSignal.timeout(TIMEOUT_MS);
    const cancelled = this.#running.signal;
    /** @type {ImportState} */
    let end;
    try {
      end = { kind: "done", imported: await sent(file, AbortSignal.any([late, cancelled])) };
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      if (cancelled.aborted) end = { kind: "cancelled", message: CANCELLED };
      else end = { kind: "failed", message: late.aborted ? TOO_LONG : error.problem.message };
    } finally {
      this.#running = null;
    }
    this.#become(end);
  }

  cancel() {
    this.#running?.abort();
  }

  /** @param {ImportState} state */
  #become(state) {
    this.state = state;
    this.#onChange(state);
  }
}

/**
 * @param {Blob} file
 * @param {AbortSignal} signal
 * @returns {Promise<Imported>} Rejects with an `ApiError`
 */
async function sent(file, signal) {
  let reply;
  /** @type {unknown} */
  let content;
  try {
    const headers = { Accept: "application/json", "Content-Type": "application/octet-stream" };
    reply = await fetch("/api/import", { method: "POST", headers, body: file, signal });
    content = parsed(await reply.text());
  } catch {
    throw new ApiError(0, UNREACHABLE);
  }
  if (!reply.ok) throw new ApiError(reply.status, problemIn(reply.status, content));
  return understood(() => readImported(content));
}
