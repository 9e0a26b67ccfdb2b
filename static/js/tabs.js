/**
 * Which tab of this browser this is, and which questions for new conversations are its own: those it asked, also before
 * a reload, and those whose tab is gone. Each tab holds a lock while it lives; the browser lets go of it afterwards.
 */

import { newId } from "./ids.js";

/** @import {Waiting} from "./state/outbox.js" */

const KEY = "parley.tab";
/** After a reload the lock is soon free. A tab that was duplicated has the other's id, and waits in vain. */
const RELOAD_MS = 500;
/** A tab that is gone this long was not only reloaded. */
const GONE_MS = 3_000;

let own = keptId() ?? newId();

/** @returns {string | null} */
function keptId() {
  try {
    return sessionStorage.getItem(KEY);
  } catch {
    return null;
  }
}

/** @returns {string} this tab's id; another one after `adoptWaiting` when the tab was duplicated */
export function ownTab() {
  return own;
}

/**
 * @param {Waiting} waiting
 * @returns {boolean} whether it belongs to the page of a new conversation, and so to one tab
 */
export function forOneTab({ view }) {
  return view.startsWith("new");
}

/**
 * Holds this tab's lock from now on, then hands over the questions that are its own. Those of another tab follow when
 * that is gone; where there are no locks (outside secure contexts), all of them come at once.
 * @param {() => Waiting[]} kept all that wait now, in storage
 * @param {(waiting: Waiting) => void} adopt
 */
export async function adoptWaiting(kept, adopt) {
  const mine = kept().filter(forOneTab);
  const { locks } = navigator;
  if (!locks) return mine.forEach(adopt);
  if (!(await held(AbortSignal.timeout(RELOAD_MS)))) {
    own = newId();
    await held();
  }
  try {
    sessionStorage.setItem(KEY, own);
  } catch {
    // Forbidden: after a reload this is another tab, and finds its questions without an owner.
  }
  const from = (/** @type {string} */ tab) => kept().filter((waiting) => forOneTab(waiting) && (waiting.tab ?? "") === tab);
  for (const tab of new Set(mine.map((waiting) => waiting.tab ?? ""))) {
    if (tab === own) from(tab).forEach(adopt);
    else void whenGone(tab, () => from(tab).forEach(adopt));
  }
}

/**
 * @param {string} tab
 * @param {() => void} act while nobody else can
 */
async function whenGone(tab, act) {
  const gone = () => navigator.locks.request(KEY + tab, { ifAvailable: true }, (lock) => (lock && act(), lock !== null));
  while (!(await gone())) {
    await navigator.locks.request(KEY + tab, () => {});
    await new Promise((done) => setTimeout(done, GONE_MS));
  }
}

/**
 * @param {AbortSignal} [signal] gives up
 * @returns {Promise<boolean>} whether this tab has its lock now, for as long as it lives
 */
function held(signal) {
  return new Promise((done) => {
    const keep = () => (done(true), new Promise(() => {}));
    navigator.locks.request(KEY + own, signal ? { signal } : {}, keep).catch(() => done(false));
  });
}
