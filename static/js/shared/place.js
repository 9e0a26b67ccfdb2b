/** Where the shared page is, and what its parts can be asked for. */

/** @import {Scope} from "./content.js" */

/**
 * @typedef {object} Place
 * @property {string} token the share's
 * @property {string} view the pass, "" where none is needed
 * @property {boolean} live
 * @property {Scope} scope
 */

/**
 * @param {HTMLElement} page the element the server wrote all this on
 * @param {string} path of the page's address
 * @returns {Place}
 */
export function placeOf(page, path) {
  const { view = "", live, scope } = page.dataset;
  return {
    token: /^\/s\/([^/]+)/.exec(path)?.[1] ?? "",
    view,
    live: live === "true",
    scope: scope === "whole" || scope === "chosen" ? scope : "branch",
  };
}

/**
 * @param {Place} place
 * @param {string} part below the share's own address
 * @param {Record<string, string>} [query]
 * @returns {string}
 */
export function pathIn({ token, view }, part, query = {}) {
  const search = new URLSearchParams({ ...query, ...(view ? { view } : {}) });
  return `/s/${token}/${part}${search.size ? `?${search}` : ""}`;
}

/**
 * @param {Place} place
 * @returns {(answer: string, offset: number, reasoning_offset: number) => string} where an answer's events are
 */
export function eventsIn(place) {
  return (answer, offset, reasoning_offset) =>
    pathIn(place, `answers/${encodeURIComponent(answer)}/events`, { offset: String(offset), reasoning_offset: String(reasoning_offset) });
}
