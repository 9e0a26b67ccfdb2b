/** The browser tab's title: which conversation it is, and whether something happens or waits there. Pure. */

import { say } from "./say.js";
import { isPrivate } from "./state/private.js";

/** @import {State} from "./state.js" */

/**
 * What a conversation is called on the page.
 * @param {State["open"]} open
 * @returns {string}
 */
export function heading({ status, conversation }) {
  if (status === "missing") return say("Not here");
  return conversation?.title || say("New conversation");
}

/**
 * @param {Pick<State, "open" | "ready">} state
 * @param {boolean} answering whether an answer is being written in the open conversation
 * @param {string} site
 * @returns {string}
 */
export function tabTitle({ open, ready }, answering, site) {
  // The browser writes titles into its own history: a private conversation's would tell what it is about.
  const name = open.id === null ? site : `${isPrivate(open.id) ? say("Private") : heading(open)} · ${site}`;
  if (ready.size) return `(${ready.size}) ${name}`;
  return answering ? `… ${name}` : name;
}
