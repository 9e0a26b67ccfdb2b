/** The open panel on a small screen: as large as what is seen of the page, which stays where it was behind it. */

import { sheetOf } from "./drawing.js";

const LOCK = "parley-lock";

/** Of all widgets: the page is let go by the last. */
let locks = 0;

export const small = () => matchMedia("(max-width:640px),(max-height:480px)").matches;

/**
 * @param {HTMLElement} root whose `--top` and `--seen` are kept
 * @param {() => void} changed
 * @returns {() => void} ends it
 */
export function fillScreen(root, changed) {
  const { body } = document;
  const seen = /** @type {VisualViewport} */ (visualViewport);
  const [left, top] = [scrollX, scrollY];
  const sheet = sheetOf(`.${LOCK},:root:has(.${LOCK}){overflow:hidden!important}`);

  function measure() {
    root.style.setProperty("--top", `${seen.offsetTop}px`);
    root.style.setProperty("--seen", `${seen.height}px`);
    changed();
  }
  /** @param {"addEventListener" | "removeEventListener"} change */
  const listen = (change) => ["resize", "scroll"].forEach((name) => seen[change](name, measure));

  locks++;
  document.adoptedStyleSheets.push(sheet);
  body.classList.add(LOCK);
  listen("addEventListener");
  measure();
  return () => {
    listen("removeEventListener");
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    if (--locks) return;
    body.classList.remove(LOCK);
    if (!body.className) body.removeAttribute("class");
    scrollTo({ left, top, behavior: "instant" }); // a keyboard or the browser's bars may have moved it
  };
}
