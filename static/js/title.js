/** The browser tab's title: which conversation it is, and whether something happens or waits there. Pure. */

/** @import {State} from "./state.js" */

/**
 * What a conversation is called on the page.
 * @param {State["open"]} open
 * @returns {string}
 */
export function heading({ status, conversation }) {
  if (status === "missing") return "Not here";
  return conversation?.title || "New conversation";
}

/**
 * @param {Pick<State, "open" | "ready">} state
 * @param {boolean} answering whether an answer is being written in the open conversation
 * @param {string} site
 * @returns {string}
 */
export function tabTitle({ open, ready }, answering, site) {
  const name = open.id === null ? site : `${heading(open)} · ${site}`;
  if (ready.size) return `(${ready.size}) ${name}`;
  return answering ? `… ${name}` : name;
}
