/** Work that can wait, done while nothing else happens, a little at a time. */

/** A job does a piece of its work at each call and says whether it is done; null: not, and enough for this frame. @typedef {() => boolean | null} Job */

/** Of one idle time, so much is used at most: a key pressed meanwhile waits no longer than this. In ms. */
const SLICE_MS = 3;
/** Where the browser never was idle, or does not tell, so much. In ms. */
const SMALL_SLICE_MS = 3;
/** Where the browser does not tell when it is idle, so long after the last work. In ms. */
const PAUSE_MS = 60;
/** Even a busy page gets on with it after this long. In ms. */
const PATIENCE_MS = 2_000;
/**
 * After a key, nothing for so long: when anything in the page has changed since the last key, Chromium's form filling
 * goes through all of the page at the next one, which in a long conversation costs more than the key itself. In ms.
 */
const TYPING_MS = 600;

/** @type {Job[]} */
const jobs = [];
let asked = false;
let keyAt = -TYPING_MS;
globalThis.addEventListener?.("keydown", () => { keyAt = performance.now(); }, { capture: true, passive: true });

/**
 * Does a job in idle time, after those that were given before.
 * @param {Job} job called until it returns true
 */
export function whenIdle(job) {
  jobs.push(job);
  ask();
}

function ask() {
  if (asked || jobs.length === 0) return;
  asked = true;
  inIdle(work);
}

/**
 * Calls something once, when the browser has nothing else to do and nobody types.
 * @param {(ms: number) => void} something it is told how long it may take
 */
export function inIdle(something) {
  const wait = keyAt + TYPING_MS - performance.now();
  if (wait > 0) setTimeout(() => inIdle(something), wait);
  // Safari has no idle times.
  else if (typeof requestIdleCallback === "function") {
    requestIdleCallback((idle) => something(idle.didTimeout ? SMALL_SLICE_MS : Math.min(SLICE_MS, idle.timeRemaining())), { timeout: PATIENCE_MS });
  } else setTimeout(() => something(SMALL_SLICE_MS), PAUSE_MS);
}

/** @param {number} ms */
function work(ms) {
  asked = false;
  const until = performance.now() + ms;
  try {
    while (jobs[0] && performance.now() < until) {
      const [job] = jobs;
      jobs.shift();
      const done = job();
      if (!done) jobs.unshift(job);
      if (done === null) break;
    }
  } finally {
    ask();
  }
}
