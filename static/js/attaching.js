/** Files that the reader chooses, pastes or drops: uploaded at once, so that sending the message waits for nothing. */

import { ApiError, deleteAttachment, UNREACHABLE } from "./api.js";
import { newId } from "./ids.js";
import { draftKey } from "./state.js";
import { attachedTo, isPicture, keyWith, PDF, whyNot } from "./state/attached.js";

/** @import {Attached} from "./state/attached.js" */
/** @import {Store} from "./store.js" */

/** What the server takes beside texts. What a file really is, it finds out itself. */
const KINDS = new Set(["image/png", "image/jpeg", "image/gif", "image/webp", PDF]);

/** The files of all drafts of this page. */
export class Attaching {
  #store;
  /** @type {Map<string, {file: File, abort: () => void, unreached: boolean}>} by the item's `local` */
  #files = new Map();

  /** @param {Store} store */
  constructor(store) {
    this.#store = store;
  }

  /**
   * Adds files to the draft in view.
   * @param {readonly File[]} files
   */
  add(files) {
    const { open, limits } = this.#store.state;
    if (!limits?.attachment_bytes) return;
    const key = draftKey(open);
    /** @type {string[]} */
    const problems = [];
    for (const file of files) {
      const name = file.name || "pasted";
      const problem = whyNot({ name, size: file.size }, attachedTo(this.#store.state, key).length, limits);
      if (problem === null) this.#begin(file, name, key);
      else problems.push(problem);
    }
    this.#store.dispatch({ type: "notice", message: problems.length ? problems.join(" ") : null });
  }

  /**
   * Adds a long text to the draft in view as a file.
   * @param {string} text
   * @param {string} local what this page calls it
   */
  addText(text, local) {
    const file = new File([text], "pasted.txt", { type: "text/plain" });
    this.#begin(file, file.name, draftKey(this.#store.state.open), local);
  }

  /** @param {string} local */
  retry(local) {
    const kept = this.#files.get(local);
    const { key, item } = this.#find(local);
    if (kept && item) void this.#upload(kept.file, key, { ...item, status: "uploading", progress: 0, problem: null });
  }

  /** Those that failed because the server was out of reach, now that it is back. */
  retryUnreached() {
    for (const [local, { unreached }] of this.#files) if (unreached) this.retry(local);
  }

  /**
   * Takes a file away from its draft.
   * @param {string} local
   */
  remove(local) {
    const { key, item } = this.#find(local);
    this.#store.dispatch({ type: "detach", key, local });
    this.#forget(local, item?.preview ?? null);
    if (item?.file.id) void takenBack(item.file.id);
  }

  /**
   * Takes all files away from a draft: they are sent, or nobody wants them.
   * @param {string} key
   */
  clear(key) {
    const items = attachedTo(this.#store.state, key);
    if (!items.length) return;
    this.#store.dispatch({ type: "detach", key, local: null });
    for (const { local, preview } of items) this.#forget(local, preview);
  }

  /**
   * @param {File} file
   * @param {string} name
   * @param {string} key
   * @param {string} [local]
   */
  #begin(file, name, key, local = newId()) {
    const media_type = KINDS.has(file.type) ? file.type : "text/plain";
    /** @type {Attached} */
    const item = {
      local,
      status: "uploading",
      progress: 0,
      file: { id: "", name, media_type, size_bytes: file.size },
      preview: isPicture({ media_type }) ? URL.createObjectURL(file) : null,
      problem: null,
      again: false,
    };
    void this.#upload(file, key, item);
  }

  /**
   * @param {File} file
   * @param {string} begun the key of the draft it is for
   * @param {Attached} item
   */
  async #upload(file, begun, item) {
    const { local } = item;
    const show = (/** @type {Partial<Attached>} */ news) => {
      const key = keyWith(this.#store.state, local) ?? begun;
      this.#store.dispatch({ type: "attach", key, item: { ...item, ...news } });
    };
    show({});
    const kept = { file, abort: () => {}, unreached: false };
    this.#files.set(local, kept);
    try {
      const { upload } = await import("./later.js").catch(() => {
        throw new ApiError(0, UNREACHABLE);
      });
      if (!this.#files.has(local)) return;
      const { done, abort } = upload(file, item.file.name, (progress) => this.#files.has(local) && show({ progress }));
      kept.abort = abort;
      const stored = await done;
      if (this.#files.delete(local)) show({ status: "ready", progress: 1, file: stored });
      else void takenBack(stored.id); // it was removed in the last moment
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      kept.unreached = error.unreachable;
      if (this.#files.has(local)) show({ status: "failed", problem: error.problem.message, again: mayWork(error) });
    }
  }

  /**
   * @param {string} local
   * @returns {{key: string, item: Attached | undefined}}
   */
  #find(local) {
    const { state } = this.#store;
    const key = keyWith(state, local) ?? draftKey(state.open);
    return { key, item: attachedTo(state, key).find((item) => item.local === local) };
  }

  /**
   * @param {string} local
   * @param {string | null} preview
   */
  #forget(local, preview) {
    const kept = this.#files.get(local);
    this.#files.delete(local);
    kept?.abort();
    if (preview !== null) URL.revokeObjectURL(preview);
  }
}

/**
 * Whether the same file can be taken at another time: the server was not reached, or was too busy for it.
 * @param {ApiError} error
 * @returns {boolean}
 */
function mayWork({ status }) {
  return status < 400 || status === 429 || status >= 500;
}

/**
 * Tells the server that no message will have this file. Should it not hear: it forgets such files by itself.
 * @param {string} id
 */
async function takenBack(id) {
  try {
    await deleteAttachment(id);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
  }
}
