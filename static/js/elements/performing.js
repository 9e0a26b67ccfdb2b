/** Doing what a command says, wherever it came from: the palette, a key or a button. */

import { commandsIn, lastAnswer, neighbour } from "../commands.js";
import { say } from "../say.js";
import { shortcutFor } from "../shortcuts.js";
import { exportPath } from "../transcripts.js";
import { copyText } from "./clipboard.js";
import { download } from "./download.js";
import { handOff } from "./hand-off.js";
import { MAC } from "./key-caps.js";
import { openTags } from "./tags-dialog.js";

/** @import {CommandId} from "../commands.js" */
/** @import {State} from "../state.js" */
/** @import {ParleyApp} from "./parley-app.js" */

/** Keys that are no commands of the palette, because there they would make no sense. */
const KEYS_ONLY = new Set(["palette", "write", "previous", "next"]);
const FIELDS = "input, textarea, select, [contenteditable]";

/**
 * @param {KeyboardEvent} event
 * @param {State} state
 * @returns {CommandId | null} what the key asks the page for just now
 */
export function askedFor(event, state) {
  // While an input method composes, keys are its own; Safari says so by the key code only.
  if (event.defaultPrevented || event.isComposing || event.keyCode === 229) return null;
  const inField = event.target instanceof Element && event.target.matches(FIELDS);
  const id = /** @type {CommandId | null} */ (shortcutFor(event, { mac: MAC, inField }));
  if (id === null) return null;
  // Behind a dialog nothing may happen; the palette's own key closes it again.
  if (document.querySelector("dialog[open]")) return id === "palette" && state.dialog === "palette" ? id : null;
  return KEYS_ONLY.has(id) || commandsIn(state).some((command) => command.id === id) ? id : null;
}

/**
 * @param {ParleyApp} app
 * @param {CommandId} id
 */
export function perform(app, id) {
  const { state } = app;
  const { conversation } = state.open;
  const answer = lastAnswer(state);
  const theme = /^theme-(system|light|dark)$/.exec(id)?.[1];
  if (id === "new") app.emit("conversation-new", null);
  else if (id === "palette" && state.dialog === "palette") app.emit("dialog-close", { dialog: "palette" });
  else if (id === "palette" || id === "settings" || id === "shortcuts" || id === "snippets") app.emit("dialog-open", { dialog: id });
  else if (id === "options") app.emit("options-open", null);
  else if (theme) app.emit("device-change", { theme: /** @type {State["device"]["theme"]} */ (theme) });
  else if (id === "previous" || id === "next") step(app, id === "next" ? 1 : -1);
  else if (answer && ANSWERS[id]) ANSWERS[id](app, answer);
  else if (conversation && CONVERSATIONS[id]) CONVERSATIONS[id](app, conversation);
  else PLACES[id]?.(app);
}

/**
 * @param {ParleyApp} app
 * @param {string} text
 */
async function copy(app, text) {
  app.tell((await copyText(text)) ? say("Copied the last answer.") : say("The browser did not let the page copy."));
}

/** @type {Partial<Record<CommandId, (app: ParleyApp, answer: import("../objects.js").Answer) => void>>} */
const ANSWERS = {
  stop: (app, { id }) => app.emit("answer-stop", { answer: id }),
  again: (app, { id }) => app.emit("answer-again", { answer: id }),
  continue: (app, { id }) => app.emit("answer-continue", { answer: id }),
  copy: (app, { text }) => void copy(app, text),
};

/** @type {Partial<Record<CommandId, (app: ParleyApp, conversation: import("../objects.js").Conversation) => void>>} */
const CONVERSATIONS = {
  pin: (app, { id }) => app.emit("conversation-pin", { id, pinned: true }),
  unpin: (app, { id }) => app.emit("conversation-pin", { id, pinned: false }),
  archive: (app, { id }) => app.emit("conversation-archive", { id, archived: true }),
  unarchive: (app, { id }) => app.emit("conversation-archive", { id, archived: false }),
  "private-close": (app) => app.emit("private-close", null),
  tags: (app, { id }) => openTags(app, [id]),
  share: (app, { id }) => app.emit("share-open", { conversation: id }),
  "export-html": (_, { id }) => download(exportPath(id, "html")),
  "export-md": (_, { id }) => download(exportPath(id, "md")),
  "export-json": (_, { id }) => download(exportPath(id, "json")),
  delete: (app, { id }) => app.emit("conversation-delete", { id }),
};

/** @type {Partial<Record<CommandId, (app: ParleyApp) => void>>} */
const PLACES = {
  write: (app) => void app.toComposer(),
  composer: (app) => void app.toComposer(),
  private: (app) => app.emit("private-switch", null),
  handoff: (app) => void handOff(app, app.state.open.id),
  search: (app) => void app.toSearch(),
  sidebar: (app) => void app.toggleSidebar(),
  shares: (app) => app.emit("share-open", { conversation: null }),
  import: (app) => void toSetting(app, "#import"),
  language: (app) => void toSetting(app, "#setting-language"),
  latest: (app) => app.querySelector("message-list .jump")?.dispatchEvent(new MouseEvent("click")),
};

/**
 * Opens the settings at one of them.
 * @param {ParleyApp} app
 * @param {string} selector
 */
async function toSetting(app, selector) {
  app.emit("dialog-open", { dialog: "settings" });
  await new Promise(requestAnimationFrame);
  await app.updateComplete;
  await new Promise(requestAnimationFrame);
  app.focusOn(selector);
}

/**
 * @param {ParleyApp} app
 * @param {1 | -1} by
 */
function step(app, by) {
  const id = neighbour(app.state, by);
  if (id !== null) app.emit("conversation-open", { id });
}
