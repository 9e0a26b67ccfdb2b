/** When the reader is here: the tab is shown, the network is back, the machine woke up. Browser events only. */

const TICK_MS = 5_000;
/** A timer that comes this late means that the machine slept. */
const SLEPT_MS = 20_000;

/**
 * @typedef {object} PresenceEvents
 * @property {(options: {doubt: boolean}) => void} onWake `doubt`: connections may have died unnoticed
 * @property {() => void} onTick every few seconds while the tab is shown
 * @property {() => void} onLook the reader turns to the page
 */

/**
 * Watches for the page's whole life.
 * @param {PresenceEvents} events
 */
export function watchPresence({ onWake, onTick, onLook }) {
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") onWake({ doubt: false });
    if (looking()) onLook();
  });
  addEventListener("focus", () => looking() && onLook());
  addEventListener("online", () => onWake({ doubt: true }));
  addEventListener("pageshow", ({ persisted }) => persisted && onWake({ doubt: true }));
  let last = Date.now();
  setInterval(() => {
    const now = Date.now();
    // Hidden tabs get their timers late as a matter of course; they are asked when they are shown.
    const shown = document.visibilityState === "visible";
    if (shown && now - last > SLEPT_MS) onWake({ doubt: true });
    last = now;
    if (shown) onTick();
  }, TICK_MS);
}

/** @returns {boolean} whether the reader has the page before the eyes */
export function looking() {
  return document.visibilityState === "visible" && document.hasFocus();
}
