/** Made-up objects as the server sends them. */

/** @import {Answer, Conversation, Message} from "../../static/js/objects.js" */

/**
 * @param {Partial<Conversation>} [fields]
 * @returns {Conversation}
 */
export function conversation(fields = {}) {
  return { id: "c1", title: "A title", created_at_ms: 1, updated_at_ms: 1, leaf: null, options: {}, ...fields };
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
