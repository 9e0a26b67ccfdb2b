/** What happens, told to the host page: to those who asked by `on`, and as `parley:<name>` on the document. */

/** @import {Widget} from "./record.js" */
/** @typedef {(data: any) => void} Listener */

/** @param {Widget} w @param {string} name @param {object} [data] */
export function tell(w, name, data = {}) {
  // Each by itself: a mistake of the page's is neither ours nor the next listener's.
  for (const one of w.listeners_) if (one[0] === name) Promise.resolve().then(() => w.listeners_[one[2] ? "delete" : "has"](one) && one[1](data));
  document.dispatchEvent(new CustomEvent(`parley:${name}`, { detail: { ...data, embed: w.said_.embed } }));
}
