/**
 * The messages of the open conversation: a tree by `parent`, of which one branch is shown. Pure.
 */

import { isAnswer } from "../objects.js";

/** @import {Answer, Message} from "../objects.js" */
/** @typedef {ReadonlyMap<string, Message | Answer>} Messages */

/** @type {Messages} */
export const NO_MESSAGES = new Map();

/**
 * Takes in messages from the server without losing what is already known better.
 *
 * An answer's text is complete up to its `next`, and only `running` ever changes; so of two versions of one
 * answer the later offset wins, for text and reasoning each, and an ended one is never made running again by an older reply.
 * @param {Messages} known
 * @param {readonly (Message | Answer)[]} incoming
 * @returns {Messages}
 */
export function mergeMessages(known, incoming) {
  const merged = new Map(known);
  for (const message of incoming) {
    const old = merged.get(message.id);
    merged.set(message.id, old && isAnswer(old) && isAnswer(message) ? newerAnswer(old, message) : message);
  }
  return merged;
}

/**
 * @param {Answer} old
 * @param {Answer} incoming
 * @returns {Answer}
 */
function newerAnswer(old, incoming) {
  if (old.status !== "running" && incoming.status === "running") return old;
  if (incoming.next >= old.next && incoming.reasoning_next >= old.reasoning_next) return incoming;
  // A server that died had stored less than it had sent. It ends there, but nothing is taken from the reader's page.
  const newer = { ...incoming };
  if (old.next > incoming.next) Object.assign(newer, { text: old.text, next: old.next });
  if (old.reasoning_next > incoming.reasoning_next) {
    Object.assign(newer, { reasoning: old.reasoning, reasoning_next: old.reasoning_next });
  }
  return newer;
}

/**
 * The answers that a later one goes on with: they are hidden, the later one begins with their text.
 * @param {Messages} messages
 * @returns {Set<string>}
 */
function superseded(messages) {
  /** @type {Set<string>} */
  const ids = new Set();
  for (const message of messages.values()) if (isAnswer(message) && message.continues) ids.add(message.continues);
  return ids;
}

/**
 * Children by parent id ("" for the roots), oldest first, without superseded answers.
 * @param {Messages} messages
 * @returns {Map<string, (Message | Answer)[]>}
 */
function childrenByParent(messages) {
  const hidden = superseded(messages);
  /** @type {Map<string, (Message | Answer)[]>} */
  const children = new Map();
  for (const message of messages.values()) {
    if (hidden.has(message.id)) continue;
    const siblings = children.get(message.parent ?? "");
    if (siblings) siblings.push(message);
    else children.set(message.parent ?? "", [message]);
  }
  for (const siblings of children.values()) siblings.sort((a, b) => a.created_at_ms - b.created_at_ms);
  return children;
}

/** @typedef {{message: Message | Answer, siblings: readonly string[]}} Shown one message of the branch */

/**
 * The branch from the root to `leaf`, each message with its visible siblings (itself included).
 * @param {Messages} messages
 * @param {string | null} leaf
 * @returns {Shown[]}
 */
export function branch(messages, leaf) {
  const children = childrenByParent(messages);
  /** @type {Shown[]} */
  const path = [];
  /** @type {Set<string>} */
  const seen = new Set();
  let at = messages.get(newestContinuation(messages, leaf ?? "") ?? newestLeaf(messages) ?? "");
  while (at && !seen.has(at.id)) {
    seen.add(at.id);
    const siblings = (children.get(at.parent ?? "") ?? []).filter((other) => other.role === at?.role);
    path.push({ message: at, siblings: siblings.map((other) => other.id) });
    at = at.parent === null ? undefined : messages.get(at.parent);
  }
  return path.reverse();
}

/**
 * The answer that stands in the place of `id` now: itself, or the last one that goes on with it.
 * @param {Messages} messages
 * @param {string} id
 * @returns {string | null} null when `id` is not known
 */
function newestContinuation(messages, id) {
  if (!messages.has(id)) return null;
  /** @type {Map<string, string>} */
  const successor = new Map();
  for (const message of messages.values()) {
    if (isAnswer(message) && message.continues) successor.set(message.continues, message.id);
  }
  let current = id;
  for (let hops = 0; hops < messages.size; hops += 1) current = successor.get(current) ?? current;
  return current;
}

/**
 * @param {Messages} messages
 * @returns {string | null}
 */
function newestLeaf(messages) {
  /** @type {Message | Answer | null} */
  let newest = null;
  for (const message of messages.values()) if (!newest || message.created_at_ms >= newest.created_at_ms) newest = message;
  return newest ? newest.id : null;
}

/**
 * The leaf to show when the reader picks `id` among its siblings: down from it, always to the newest child.
 * @param {Messages} messages
 * @param {string} id
 * @returns {string}
 */
export function leafBelow(messages, id) {
  const children = childrenByParent(messages);
  let leaf = id;
  for (let depth = 0; depth < messages.size; depth += 1) {
    const next = children.get(leaf)?.at(-1);
    if (!next) return leaf;
    leaf = next.id;
  }
  return leaf;
}

/**
 * @param {Messages} messages
 * @param {readonly string[]} ids
 * @returns {Messages} those that are left; the same ones when none of `ids` is among them
 */
export function without(messages, ids) {
  const gone = new Set(ids);
  return ids.some((id) => messages.has(id)) ? new Map([...messages].filter(([id]) => !gone.has(id))) : messages;
}

/**
 * Whether two versions of the messages make the same tree, so that only texts differ.
 * @param {Messages} before
 * @param {Messages} now
 * @returns {boolean}
 */
export function sameTree(before, now) {
  if (before.size !== now.size) return false;
  for (const [id, message] of now) {
    const old = before.get(id);
    if (old === message) continue;
    if (!old || old.parent !== message.parent || old.role !== message.role || old.created_at_ms !== message.created_at_ms) return false;
    if (isAnswer(old) && isAnswer(message) && old.continues !== message.continues) return false;
  }
  return true;
}
