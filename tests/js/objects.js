/** Made-up objects as the server sends them. */

/** @import {ChangedFrame} from "../../static/js/frames.js" */
/** @import {Answer, Conversation, Message} from "../../static/js/objects.js" */

/**
 * @param {Partial<Conversation>} [fields]
 * @returns {Conversation}
 */
export function conversation(fields = {}) {
  return { id: "c1", title: "A title", created_at_ms: 1, updated_at_ms: 1, leaf: null, options: {}, pinned: false, archived: false, tags: [], ...fields };
}

/**
 * @param {Partial<Message>} [fields]
 * @returns {Message}
 */
export function message(fields = {}) {
  return { id: "m1", conversation: "c1", parent: null, role: "user", text: "Why?", created_at_ms: 1, attachments: [], ...fields };
}

/**
 * @param {Partial<Answer>} [fields]
 * @returns {Answer}
 */
export function answer(fields = {}) {
  return {
    id: "a1",
    conversation: "c1",
    parent: "m1",
    role: "assistant",
    text: "",
    created_at_ms: 2,
    attachments: [],
    status: "running",
    next: 0,
    reasoning: "",
    reasoning_next: 0,
    model: "guide",
    continues: null,
    error: null,
    usage: null,
    ...fields,
  };
}

/**
 * @param {Partial<ChangedFrame>} fields
 * @returns {ChangedFrame}
 */
export function changedFrame(fields) {
  return {
    type: "changed",
    what: "renamed",
    conversation: "c1",
    title: null,
    updated_at_ms: 0,
    message: null,
    message_id: null,
    message_ids: [],
    deleted: [],
    restored: [],
    answer: null,
    answer_id: null,
    status: null,
    options: null,
    pinned: null,
    archived: null,
    tags: null,
    leaf: null,
    preferences: null,
    ...fields,
  };
}
