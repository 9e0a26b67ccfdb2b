/** Keeps the page above the keyboard of phones whose browsers let it cover the page (iOS). */

/** Browser bars come and go by less than this. */
const LEAST_KEYBOARD_PX = 80;

/**
 * How high the page can be above a keyboard.
 * @param {{height: number, scale: number}} viewport what is seen, in CSS pixels, and how far it is zoomed
 * @param {number} window_px the window's height
 * @returns {number | null} in CSS pixels; null while no keyboard covers the page
 */
export function heightAbove({ height, scale }, window_px) {
  const seen = height * scale; // zooming in shows less of the page, too
  return window_px - seen >= LEAST_KEYBOARD_PX ? Math.round(seen) : null;
}

/** Writes that height into the style sheets' `--window`, whenever it changes. */
export function watchKeyboard() {
  const viewport = window.visualViewport;
  if (!viewport || navigator.maxTouchPoints === 0) return; // no keyboard comes up where there is one already
  const { style } = document.documentElement;
  const fit = () => {
    const height = heightAbove(viewport, innerHeight);
    if (height === null) {
      style.removeProperty("--window");
      return;
    }
    style.setProperty("--window", `${height}px`);
    // The browser moved the page to show the field; now that the page fits, nothing needs to be moved.
    if (viewport.scale === 1) scrollTo(0, 0);
  };
  viewport.addEventListener("resize", fit);
  addEventListener("resize", fit); // turned, the window may have its new height after the viewport has
}
