/**
 * How the page looks on this device, written where the style sheet reads it, and into a cookie: with that the server sends the next page
 * in the right colours and widths, so that nothing flashes or moves before a script has run.
 */

/** @import {Device} from "./device.js" */

/** As long as browsers keep a cookie. */
const YEAR_S = 400 * 86_400;

/** @param {Device} device */
export function showLook({ theme, sidebar }) {
  const { dataset } = document.documentElement;
  if (theme === "system") delete dataset.theme;
  else dataset.theme = theme;
  dataset.sidebar = sidebar;
  keep("parley_theme", theme === "system" ? "" : theme);
  keep("parley_sidebar", sidebar === "shown" ? "" : sidebar);
  colourBrowser();
}

/** The browser's own bars get the page's colour, also when the system changes from day to night. */
export function watchSystem() {
  matchMedia("(prefers-color-scheme: dark)").addEventListener("change", colourBrowser);
}

/**
 * The tab's icon has a dot while answers wait that nobody has seen.
 * @param {boolean} ready
 */
export function showReady(ready) {
  const link = document.querySelector("link[rel=icon]");
  const name = ready ? "icon-ready.svg" : "icon.svg";
  const address = link?.getAttribute("href")?.replace(/[^/]+$/, name);
  if (link && address && address !== link.getAttribute("href")) link.setAttribute("href", address);
}

/** @param {string} tag of the language that the next page is in; "" leaves it to the browser */
export function chooseLanguage(tag) {
  keep("parley_language", tag);
}

/** @returns {string} the tag of the chosen language; "" while the browser's is taken */
export function chosenLanguage() {
  return /(?:^|; )parley_language=([\w-]+)/.exec(document.cookie)?.[1] ?? "";
}

function colourBrowser() {
  const colour = getComputedStyle(document.body).backgroundColor;
  for (const meta of document.querySelectorAll("meta[name=theme-color]")) meta.setAttribute("content", colour);
}

/**
 * @param {string} name
 * @param {string} value "" forgets it
 */
function keep(name, value) {
  const secure = location.protocol === "https:" ? "; secure" : "";
  document.cookie = `${name}=${value}; path=/; max-age=${value ? YEAR_S : 0}; samesite=lax${secure}`;
}
