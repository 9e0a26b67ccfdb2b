/** How high the chat would be with room for all of it, told whenever that changes. */

/** Less is not worth moving a page for. */
const LEAST_PX = 2;

/**
 * @param {HTMLElement} page
 * @param {Element} list the part of it that scrolls
 * @param {HTMLElement} content what is in that: as high as it needs, whatever the window
 * @param {(height_px: number) => void} tell
 */
export function watchHeight(page, list, content, tell) {
  let told_px = 0;
  const measure = () => {
    const height = [...page.children].reduce((sum, part) => sum + (part === list ? content.offsetHeight : heightOf(part)), 0);
    if (Math.abs(height - told_px) < LEAST_PX) return;
    told_px = height;
    tell(Math.ceil(height));
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
