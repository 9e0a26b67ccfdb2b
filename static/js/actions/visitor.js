/** What the page does when this visitor's history as a whole became another, here or in another browser. */

import { say } from "../say.js";

/** @import {ParleyApp} from "../elements/parley-app.js" */
/** @import {ChangedFrame} from "../frames.js" */
/** @import {Loading} from "../loading.js" */

/** What this browser keeps for the page stands under keys that begin so. */
const OURS = "parley.";
/** How the page looks here belongs to the device, not to a history. */
const DEVICE = "parley.device";
/** What the next page says first. */
const SAID = "parley.said";
const SHOWN_MS = 8_000;

/**
 * @param {ChangedFrame["what"]} what `visitor` or `visitor_deleted`
 * @param {Loading} loading
 */
export function visitorChanged(what, loading) {
  if (what === "visitor_deleted") beginAnew(say("Everything was deleted. This is a new beginning."));
  else void Promise.all([loading.poll(), loading.reload()]);
}

/**
 * Loads the page as another visitor's, without what this browser kept for the old one.
 * @param {string} words what the new page says first
 * @param {{keep?: boolean}} [options] `keep`: it is the same person, whose drafts stay
 */
export function beginAnew(words, { keep = false } = {}) {
  withStorage(() => {
    for (const storage of keep ? [] : [localStorage, sessionStorage]) {
      for (const key of Object.keys(storage)) if (key.startsWith(OURS) && key !== DEVICE) storage.removeItem(key);
    }
    sessionStorage.setItem(SAID, words);
  });
  location.replace("/");
}

/**
 * Says what the page before this one had to say.
 * @param {ParleyApp} app
 */
export function sayKept(app) {
  withStorage(() => {
    const words = sessionStorage.getItem(SAID);
    if (words === null) return;
    sessionStorage.removeItem(SAID);
    app.note = app.said = words;
    setTimeout(() => app.note === words && (app.note = ""), SHOWN_MS);
  });
}

/** @param {() => void} work with the browser's storage, where that is not forbidden: then nothing was kept */
function withStorage(work) {
  try {
    work();
  } catch {
    // Forbidden.
  }
}
