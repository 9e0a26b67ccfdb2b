/** What the reader does in the dialogs: options of a conversation, preferences, the palette's search. */

import { ApiError, changeConversation, listConversations } from "../api.js";
import { changePreferences } from "../later-api.js";
import { say } from "../say.js";
import { NOTHING_FOUND } from "../state/searched.js";
import { waitingInView } from "../state/view.js";
import { changed } from "./telling.js";

/** @import {Parts, Some} from "../actions.js" */
/** @import {ModelOptions, Preferences} from "../objects.js" */
/** @import {Store} from "../store.js" */

/** A pause in typing this long starts a search. */
const TYPING_MS = 150;

/**
 * @param {Parts} parts
 * @returns {Some<"options-close" | "options-save" | "snippets-save" | "model-default" | "palette-search">}
 */
export function dialogActions({ store }) {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  let typing;
  return {
    "options-close": () => store.dispatch({ type: "panel", panel: null }),
    "options-save": ({ options }) => void saveOptions(store, options),
    "snippets-save": ({ snippets, answered }) => void prefer(store, { snippets }, answered),
    "model-default": ({ model }) => void prefer(store, { default_model: model }, (message) => store.dispatch({ type: "notice", message })),
    "palette-search": ({ query }) => {
      clearTimeout(typing);
      if (query) typing = setTimeout(() => void search(store, query), TYPING_MS);
      else store.dispatch({ type: "palette", palette: NOTHING_FOUND });
    },
  };
}

/**
 * Those of a conversation that does not exist yet go with its first question.
 * @param {Store} store
 * @param {ModelOptions} options
 */
async function saveOptions(store, options) {
  const show = (/** @type {import("../state.js").Panel | null} */ panel) => store.dispatch({ type: "panel", panel });
  const { open: here } = store.state;
  if (here.id === null) {
    const beginning = waitingInView(store.state).length > 0;
    if (beginning) return show({ saving: false, problem: say("The conversation is just being begun. Try again in a moment.") });
    store.dispatch({ type: "options", options });
    return show(null);
  }
  show({ saving: true, problem: null });
  try {
    const conversation = await changeConversation(here.id, { options });
    changed(store, "options", here.id, { options: conversation.options });
    if (store.state.open.id === here.id) show(null);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    if (store.state.panel) show({ saving: false, problem: error.problem.message });
  }
}

/**
 * @param {Store} store
 * @param {Partial<Preferences>} change
 * @param {(problem: string | null) => void} answered
 */
async function prefer(store, change, answered) {
  try {
    store.dispatch({ type: "preferences", preferences: await changePreferences(change) });
    answered(null);
  } catch (error) {
    if (!(error instanceof ApiError)) throw error;
    answered(error.problem.message);
  }
}

/**
 * What was typed meanwhile makes a late reply useless, but not harmful: the palette looks whose it is.
 * @param {Store} store
 * @param {string} query
 */
async function search(store, query) {
  try {
    const { conversations, found } = await listConversations({ query, cursor: null, view: "all" });
    store.dispatch({ type: "palette", palette: { query, conversations, found } });
  } catch (error) {
    if (!(error instanceof ApiError)) throw error; // without the server, the conversations that are on the page are found
  }
}
