/** What can be done on the page just now, by the palette and by keys. Pure: who runs a command is `elements/performing.js`. */

import { isAnswer } from "./objects.js";
import { say } from "./say.js";
import { isPrivate } from "./state/private.js";
import { branch } from "./state/tree.js";
import { runningHere, waitingInView } from "./state/view.js";

/** @import {Answer} from "./objects.js" */
/** @import {State} from "./state.js" */

/**
 * @typedef {"new" | "stop" | "again" | "continue" | "copy" | "latest" | "rename" | "pin" | "unpin" | "archive" | "unarchive" | "tags" | "delete"
 *   | "share" | "shares" | "export-html" | "export-md" | "export-json" | "import"
 *   | "search" | "private" | "private-close" | "handoff" | "sidebar" | "composer" | "options" | "snippets" | "settings" | "shortcuts" | "language" | "theme-system" | "theme-light" | "theme-dark"
 *   | "palette" | "write" | "previous" | "next"} CommandId
 */
/** @typedef {{id: CommandId, label: string, also: string}} Command `also` holds other words it is found by */

/**
 * @param {State} state
 * @returns {Command[]} those that make sense now, the likeliest first
 */
export function commandsIn(state) {
  return [...turnCommands(state), ...conversationCommands(state), ...pageCommands(state)];
}

/**
 * The newest answer of the shown branch.
 * @param {State} state
 * @returns {Answer | null}
 */
export function lastAnswer({ messages, leaf }) {
  const message = branch(messages, leaf).findLast((shown) => isAnswer(shown.message))?.message;
  return message && isAnswer(message) ? message : null;
}

/**
 * @param {State} state
 * @returns {Command[]}
 */
function turnCommands(state) {
  const answer = lastAnswer(state);
  if (!answer) return [];
  const rest = runningHere(state) === null && waitingInView(state).length === 0;
  const cut = answer.status !== "done" && answer.status !== "running";
  return [
    ...when(answer.status === "running", { id: "stop", label: say("Stop the answer"), also: "cancel end" }),
    { id: "copy", label: say("Copy the last answer"), also: "clipboard" },
    ...when(rest, { id: "again", label: say("Answer again"), also: "retry regenerate" }),
    ...when(rest && cut, { id: "continue", label: say("Continue the answer"), also: "resume go on" }),
    { id: "latest", label: say("Jump to the latest message"), also: "end bottom scroll" },
  ];
}

/**
 * @param {State} state
 * @returns {Command[]}
 */
function conversationCommands({ open: { id, view, conversation } }) {
  /** @type {Command} */
  const begin = { id: "new", label: say("New conversation"), also: "chat begin start" };
  /** @type {Command} */
  const hidden = { id: "private", label: id === null && isPrivate(view) ? say("Not private after all") : say("New private conversation"), also: "temporary incognito secret" };
  /** @type {Command} */
  const handoff = { id: "handoff", label: say("Go on on your phone"), also: "qr code device mobile tablet hand off" };
  if (!conversation) return [begin, hidden, handoff];
  if (isPrivate(conversation.id)) return [begin, ...privateCommands()];
  return [
    begin,
    hidden,
    handoff,
    { id: "rename", label: say("Rename this conversation"), also: "title" },
    conversation.pinned
      ? { id: "unpin", label: say("Unpin this conversation"), also: "" }
      : { id: "pin", label: say("Pin this conversation"), also: "top favourite" },
    conversation.archived
      ? { id: "unarchive", label: say("Bring this conversation back from the archive"), also: "unarchive" }
      : { id: "archive", label: say("Archive this conversation"), also: "put away hide" },
    { id: "tags", label: say("Tags of this conversation"), also: "label folder" },
    { id: "share", label: say("Share this conversation"), also: "link send live snapshot" },
    { id: "export-html", label: say("Export as a page (HTML)"), also: "download save print" },
    { id: "export-md", label: say("Export as Markdown"), also: "download save" },
    { id: "export-json", label: say("Export as JSON"), also: "download save backup" },
    { id: "delete", label: say("Delete this conversation"), also: "remove" },
  ];
}

/** @returns {Command[]} what can be done with a conversation that is in no list */
function privateCommands() {
  return [
    { id: "private-close", label: say("Close and forget this private conversation"), also: "delete end" },
    { id: "export-html", label: say("Export as a page (HTML)"), also: "download save print" },
    { id: "export-md", label: say("Export as Markdown"), also: "download save" },
    { id: "export-json", label: say("Export as JSON"), also: "download save backup" },
  ];
}

/**
 * @param {State} state
 * @returns {Command[]}
 */
function pageCommands({ open, device }) {
  const usable = open.status !== "missing" && open.status !== "failed";
  return [
    { id: "search", label: say("Search the conversations"), also: "find" },
    ...when(usable, { id: "composer", label: say("Go to the message field"), also: "write focus" }),
    ...when(usable, { id: "options", label: say("Options of this conversation"), also: "system prompt temperature" }),
    { id: "snippets", label: say("Prompt snippets"), also: "templates" },
    { id: "settings", label: say("Settings"), also: "preferences" },
    { id: "language", label: say("Language…"), also: "sprache langue idioma língua 言語 语言 لغة" },
    { id: "shares", label: say("My shared links"), also: "revoke manage share" },
    { id: "import", label: say("Import or export conversations"), also: "upload backup chatgpt everything all" },
    { id: "shortcuts", label: say("Keyboard shortcuts"), also: "keys help" },
    { id: "sidebar", label: device.sidebar === "shown" ? say("Hide the list") : say("Show the list"), also: "sidebar" },
    ...when(device.theme !== "system", { id: "theme-system", label: say("Theme: as the system"), also: "colour appearance" }),
    ...when(device.theme !== "light", { id: "theme-light", label: say("Theme: light"), also: "colour appearance day" }),
    ...when(device.theme !== "dark", { id: "theme-dark", label: say("Theme: dark"), also: "colour appearance night" }),
  ];
}

/**
 * @param {boolean} condition
 * @param {Command} command
 * @returns {Command[]}
 */
function when(condition, command) {
  return condition ? [command] : [];
}

/**
 * The conversation above or below the open one in the list.
 * @param {State} state
 * @param {1 | -1} step
 * @returns {string | null} its id; null at the list's end
 */
export function neighbour({ list, open }, step) {
  const at = list.items.findIndex(({ id }) => id === open.id);
  if (at < 0) return step > 0 ? (list.items[0]?.id ?? null) : null;
  return list.items[at + step]?.id ?? null;
}
