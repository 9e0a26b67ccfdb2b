/** What can be done on the page just now, by the palette and by keys. Pure: who runs a command is `elements/performing.js`. */

import { isAnswer } from "./objects.js";
import { branch } from "./state/tree.js";
import { runningHere, waitingInView } from "./state/view.js";

/** @import {Answer} from "./objects.js" */
/** @import {State} from "./state.js" */

/**
 * @typedef {"new" | "stop" | "again" | "continue" | "copy" | "latest" | "rename" | "pin" | "unpin" | "archive" | "unarchive" | "delete"
 *   | "export-html" | "export-md" | "export-json" | "import"
 *   | "search" | "sidebar" | "composer" | "options" | "snippets" | "settings" | "shortcuts" | "theme-system" | "theme-light" | "theme-dark"
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
    ...when(answer.status === "running", { id: "stop", label: "Stop the answer", also: "cancel end" }),
    { id: "copy", label: "Copy the last answer", also: "clipboard" },
    ...when(rest, { id: "again", label: "Answer again", also: "retry regenerate" }),
    ...when(rest && cut, { id: "continue", label: "Continue the answer", also: "resume go on" }),
    { id: "latest", label: "Jump to the latest message", also: "end bottom scroll" },
  ];
}

/**
 * @param {State} state
 * @returns {Command[]}
 */
function conversationCommands({ open: { conversation } }) {
  /** @type {Command} */
  const begin = { id: "new", label: "New conversation", also: "chat begin start" };
  if (!conversation) return [begin];
  return [
    begin,
    { id: "rename", label: "Rename this conversation", also: "title" },
    conversation.pinned
      ? { id: "unpin", label: "Unpin this conversation", also: "" }
      : { id: "pin", label: "Pin this conversation", also: "top favourite" },
    conversation.archived
      ? { id: "unarchive", label: "Bring this conversation back from the archive", also: "unarchive" }
      : { id: "archive", label: "Archive this conversation", also: "put away hide" },
    { id: "export-html", label: "Export as a page (HTML)", also: "download save print" },
    { id: "export-md", label: "Export as Markdown", also: "download save" },
    { id: "export-json", label: "Export as JSON", also: "download save backup" },
    { id: "delete", label: "Delete this conversation", also: "remove" },
  ];
}

/**
 * @param {State} state
 * @returns {Command[]}
 */
function pageCommands({ open, device }) {
  const usable = open.status !== "missing" && open.status !== "failed";
  return [
    { id: "search", label: "Search the conversations", also: "find" },
    ...when(usable, { id: "composer", label: "Go to the message field", also: "write focus" }),
    ...when(usable, { id: "options", label: "Options of this conversation", also: "system prompt temperature" }),
    { id: "snippets", label: "Prompt snippets", also: "templates" },
    { id: "settings", label: "Settings", also: "preferences" },
    { id: "import", label: "Import or export conversations", also: "upload backup chatgpt everything all" },
    { id: "shortcuts", label: "Keyboard shortcuts", also: "keys help" },
    { id: "sidebar", label: device.sidebar === "shown" ? "Hide the list" : "Show the list", also: "sidebar" },
    ...when(device.theme !== "system", { id: "theme-system", label: "Theme: as the system", also: "colour appearance" }),
    ...when(device.theme !== "light", { id: "theme-light", label: "Theme: light", also: "colour appearance day" }),
    ...when(device.theme !== "dark", { id: "theme-dark", label: "Theme: dark", also: "colour appearance night" }),
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
