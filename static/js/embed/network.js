/** What a session asks the server for. */

import { ApiError, UNREACHABLE } from "../api.js";
import { record } from "../reading.js";
import { say } from "../say.js";
import { call, identify, readSession } from "./api.js";

/** @import {Network} from "./session.js" */

const TIMEOUT_MS = 20_000;

/** @type {Network} */
export const network = {
  begin: async (body) => readSession(await call("POST", "session", { body, cookies: true })),
  cookieWorks: async (access) => record(await call("GET", "session", { access, cookies: true })).cookie === true,
  readPage,
  identify,
};

/** The page brings a visitor back by a cookie that no script can read; so it is the page that is asked. */
async function readPage() {
  let reply;
  let words;
  try {
    reply = await fetch(location.href, { credentials: "same-origin", headers: { Accept: "text/html" }, signal: AbortSignal.timeout(TIMEOUT_MS) });
    words = await reply.text();
  } catch {
    throw new ApiError(0, UNREACHABLE);
  }
  if (reply.status === 404) throw new ApiError(404, { code: "unavailable", message: say("This chat is not available.") });
  if (!reply.ok) throw new ApiError(0, UNREACHABLE);
  return { ticket: written(words, "ticket"), access: written(words, "access") };
}

/**
 * @param {string} page
 * @param {string} name
 * @returns {string} tokens are letters, digits and a few signs: nothing in them is written otherwise
 */
function written(page, name) {
  return new RegExp(` data-${name}="([^"]*)"`).exec(page)?.[1] ?? "";
}
