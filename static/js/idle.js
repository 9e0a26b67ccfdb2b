/** Work that can wait, done while nothing else happens, a little at a time. */

/** A job does a piece of its work at each call and says whether it is done. @typedef {() => boolean} Job */

/** Of one idle time, so much is used at most: a key pressed meanwhile waits no longer than this. In ms. */
const SLICE_MS = 8;
/** Where the browser does not tell when it is idle, so long after the last work. In ms. */
const PAUSE_MS = 60;
/** Even a busy page gets on with it after this long. In ms. */
const PATIENCE_MS = 2_000;

/** @type {Job[]} */
const jobs = [];
let asked = false;

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
  // Safari has no idle times.
  if (typeof requestIdleCallback === "function") requestIdleCallback(work, { timeout: PATIENCE_MS });
  else setTimeout(work, PAUSE_MS);
}

function work() {
  asked = false;
  const until = performance.now() + SLICE_MS;
  try {
    while (jobs[0] && performance.now() < until) {
      const [job] = jobs;
      jobs.shift();
      if (!job()) jobs.unshift(job);
    }
  } finally {
    ask();
  }
}
