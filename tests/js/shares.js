/** Made-up links as the server tells them. */

/** @import {Share} from "../../static/js/sharing.js" */

/**
 * @param {Partial<Share>} [fields]
 * @returns {Share}
 */
export function share(fields = {}) {
  return {
    id: "s1",
    conversation: "c1",
    conversation_title: "A title",
    kind: "snapshot",
    scope: "branch",
    messages: 2,
    masked: [],
    title: "A title",
    author: null,
    may_continue: false,
    has_password: false,
    expires_at_ms: null,
    most_views: null,
    views: 0,
    viewed_at_ms: null,
    created_at_ms: 1,
    updated_at_ms: 1,
    state: "open",
    readers: 0,
    url: "https://chat.example/s/t",
    ...fields,
  };
}
