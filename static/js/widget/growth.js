/**
 * The height that an inline frame asks for, without the loop in which its content grows because the frame did.
 *
 * Four growths one after the other are believed; then only a smaller height, or one after a pause: a loop turns around
 * within a frame or two, an answer that is being written now and then waits.
 */

const GROWTHS = 4;
const PAUSE_MS = 1000;

/** @returns {(height: number, now_ms: number) => boolean} whether this height is to be taken */
export function growthLimit() {
  let last = 0;
  let last_ms = -Infinity;
  let growths = 0;
  return (height, now_ms) => {
    if (Math.abs(height - last) < 2) return false;
    if (height < last || now_ms - last_ms > PAUSE_MS) growths = 0;
    // A stopped loop that keeps asking is not a pause.
    last_ms = now_ms;
    if (height > last && ++growths > GROWTHS) return false;
    last = height;
    return true;
  };
}
