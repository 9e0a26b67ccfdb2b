/** The page's address and the conversation it names. */

/**
 * @param {string} path
 * @returns {string | null} the id of the conversation; null on the first page
 */
export function conversationIn(path) {
  const id = /^\/c\/([^/]+)\/?$/.exec(path)?.[1];
  try {
    return id === undefined ? null : decodeURIComponent(id);
  } catch {
    return id ?? null; // not encoded by us: no conversation has this id, and the server will say so
  }
}

/**
 * @param {string | null} id
 * @returns {string}
 */
export function pathOf(id) {
  return id === null ? "/" : `/c/${encodeURIComponent(id)}`;
}

/**
 * Shows the conversation's address.
 * @param {string | null} id
 * @param {{replace?: boolean}} [options] `replace` when going back should not lead to the present address
 */
export function showAddress(id, { replace = false } = {}) {
  const path = pathOf(id);
  if (path === location.pathname && !location.search) return;
  if (replace) history.replaceState(null, "", path);
  else history.pushState(null, "", path);
}

/**
 * The text a link asks to put into the composer (`/?q=…`). It is never sent by itself.
 * @param {string} search
 * @returns {string | null}
 */
export function textToCompose(search) {
  return new URLSearchParams(search).get("q");
}
