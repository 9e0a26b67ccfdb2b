/**
 * How high the chat would be with room for all of it, told whenever that changes; and once more when it has come to rest, for a
 * loader believes only a few growths without a pause between them.
 */

/** Less is not worth moving a page for. */
const LEAST_PX = 2;
/** A little more than what the loader takes for a pause: see widget/growth.js. */
const REST_MS = 1_100;

/**
 * @param {HTMLElement} page
 * @param {Element} list the part of it that scrolls
 * @param {HTMLElement} content what is in that: as high as it needs, whatever the window
 * @param {(height_px: number) => void} tell
 */
export function watchHeight(page, list, content, tell) {
  let told_px = 0;
  let window_px = innerHeight;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let rest;
  const measure = () => {
    const window_was_px = window_px;
    window_px = innerHeight;
    const height = [...page.children].reduce((sum, part) => sum + (part === list ? content.offsetHeight : heightOf(part)), 0);
    if (Math.abs(height - told_px) < LEAST_PX) return;
    told_px = height;
    tell(Math.ceil(height));
    clearTimeout(rest);
    // What grows with the window grows because it was told of: to tell that again would go on with the loop that the loader ended.
    if (window_px === window_was_px) rest = setTimeout(() => tell(Math.ceil(told_px)), REST_MS);
  };
  const sizes = new ResizeObserver(measure);
  for (const element of [content, ...page.children]) sizes.observe(element);
}

/**
 * @param {Element} element
 * @returns {number} in CSS pixels; 0 for what stands over the others
 */
function heightOf(element) {
  const { display, position, marginBlockStart, marginBlockEnd } = getComputedStyle(element);
  if (display === "none" || position === "absolute" || position === "fixed") return 0;
  return element.getBoundingClientRect().height + Number.parseFloat(marginBlockStart) + Number.parseFloat(marginBlockEnd);
}
