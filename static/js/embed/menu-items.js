/** What the menu of the chat offers. */

import { ApiError } from "../api.js";
import { copyText } from "../elements/clipboard.js";
import { isAnswer } from "../objects.js";
import { say } from "../say.js";

/** @import {Chat} from "./chat.js" */
/** @import {Item} from "./menu.js" */

/**
 * @param {Chat} chat
 * @param {{renewed: () => void, tell: (words: string) => void}} page
 * @returns {Item[]}
 */
export function menuItems(chat, { renewed, tell }) {
  /** @type {Item} */
  const fresh = {
    name: "new",
    shape: "fresh",
    label: say("New chat"),
    action: () => {
      chat.renew();
      renewed();
    },
  };
  if (chat.store.state.open.id === null) return [fresh];
  return [
    fresh,
    { name: "copy", shape: "copy", label: say("Copy the conversation"), action: () => void copyAll(chat, tell) },
    { name: "away", shape: "away", label: say("Open in full page"), action: () => void openInFullPage(chat) },
  ];
}

/**
 * @param {Chat} chat
 * @param {(words: string) => void} tell
 */
async function copyAll(chat, tell) {
  const all = chat.shown().map(({ message }) => `**${isAnswer(message) ? say("Answer") : say("You")}**\n\n${message.text.trim()}`);
  tell((await copyText(all.join("\n\n"))) ? say("Copied") : say("Not copied"));
}

/**
 * The tab is opened at once, while the click still counts; it gets its address when that is known.
 * @param {Chat} chat
 */
async function openInFullPage(chat) {
  const tab = window.open("about:blank", "_blank");
  if (tab) tab.opener = null;
  try {
    const path = await chat.handOver();
    const address = new URL(path ?? "", location.origin);
    if (path === null || address.origin !== location.origin) tab?.close();
    else tab?.location.replace(address);
  } catch (error) {
    tab?.close();
    if (!(error instanceof ApiError)) throw error;
    chat.store.dispatch({ type: "notice", message: error.problem.message });
  }
}
