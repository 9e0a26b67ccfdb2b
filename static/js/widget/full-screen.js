/** The open panel on a small screen: as large as what is seen of the page, which stays where it was behind it. */

import { sheetOf } from "./drawing.js";

const LOCK = "parley-lock";

/** Of all widgets: the page is let go by the last. */
let locks = 0;

export const small = () => matchMedia("(max-width:640px),(max-height:480px)").matches;

/** The page, whose body may be another one by now. */
export const lock = () => document.body.classList.add(LOCK);

/**
 * @param {HTMLElement} root whose `--top` and `--seen` are kept
 * @returns {() => void} ends it
 */
export function fillScreen(root) {
  const { body } = document;
  const seen = /** @type {VisualViewport} */ (visualViewport);
  const [left, top] = [scrollX, scrollY];
  const sheet = sheetOf(`.${LOCK},:root:has(.${LOCK}){overflow:hidden!important}`);

  function measure() {
    root.style.setProperty("--top", `${seen.offsetTop}px`);
    root.style.setProperty("--seen", `${seen.height}px`);
  }
  const watch = new AbortController(); // has the `signal` that the listeners' options have

  locks++;
  document.adoptedStyleSheets.push(sheet);
  lock();
  for (const name of ["resize", "scroll"]) seen.addEventListener(name, measure, watch);
  measure();
  return () => {
    watch.abort();
    document.adoptedStyleSheets = document.adoptedStyleSheets.filter((one) => one !== sheet);
    if (--locks) return;
    const now = document.body;
    now.classList.remove(LOCK);
    if (!now.className) now.removeAttribute("class");
    // A keyboard or the browser's bars may have moved it. Another page has a place of its own.
    if (now === body) scrollTo({ left, top, behavior: "instant" });
  };
}
