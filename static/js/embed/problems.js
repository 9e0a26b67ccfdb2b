/** What host pages are told of problems: a few codes that stay what they are. Pure. */

/** @import {Problem} from "../objects.js" */

/**
 * @param {Problem} problem
 * @returns {string} as host pages know it
 */
export function publicCode({ code }) {
  if (code === "limit_reached") return "rate_limited";
  return code === "unreachable" || code === "shutting_down" ? "offline" : code;
}
