/** What the reader prepares: drafts, files, the model, and messages that wait. */

import { joined } from "../draft.js";
import { newId } from "../ids.js";
import { say } from "../say.js";
import { draftKey } from "../state.js";
import { attachedTo, hindrance, readyFiles } from "../state/attached.js";
import { withMore } from "../state/held.js";
import { chosenModel } from "../state/view.js";

/** @import {Parts, Some} from "../actions.js" */
/** @import {Attaching} from "../attaching.js" */
/** @import {Place} from "../state.js" */
/** @import {Store} from "../store.js" */

/**
 * @param {Parts} parts
 * @returns {Some<"draft-change" | "model-choose" | "models-refresh" | "options-open" | "files-add" | "file-remove" | "file-retry" | "quote"
 *   | "message-hold" | "text-attach">}
 */
export function writingActions({ store, loading, attaching }) {
  return {
    "draft-change": ({ text, from }) => store.dispatch({ type: "draft", key: draftKey(store.state.open, from), text }),
    "model-choose": ({ model }) => store.dispatch({ type: "model", model }),
    "models-refresh": () => void loading.modelsAgain(performance.now()),
    "options-open": () => store.dispatch({ type: "panel", panel: { saving: false, problem: null } }),
    "files-add": ({ files }) => attaching.add(files),
    "file-remove": ({ local }) => attaching.remove(local),
    "file-retry": ({ local }) => attaching.retry(local),
    quote: ({ text }) => quote(store, text),
    "message-hold": (message) => hold(store, attaching, message),
    "text-attach": ({ text, local }) => attaching.addText(text, local),
  };
}

/**
 * @param {Store} store
 * @param {string} text
 */
function quote(store, text) {
  const key = draftKey(store.state.open);
  const quoted = text.trim().replaceAll(/^/gm, "> ");
  store.dispatch({ type: "draft", key, text: `${joined(store.state.drafts[key] ?? "", quoted)}\n\n` });
}

/**
 * Lets a message wait for the end of the answer, behind what waits already.
 * @param {Store} store
 * @param {Attaching} attaching
 * @param {{text: string, from: Place}} message
 */
function hold(store, attaching, { text, from }) {
  const { state } = store;
  if (from.view !== state.open.view) return; // that conversation was just left: the text stays in its draft
  const key = state.open.id;
  const attached = key === null ? [] : attachedTo(state, key);
  if (key === null || !text.trim() || hindrance(attached, chosenModel(state))) {
    store.dispatch({ type: "notice", message: null }); // the composer shows its text again
    return;
  }
  const held = withMore(state.held[key] ?? null, { id: newId(), text, files: readyFiles(attached) });
  const most = state.limits?.attachments ?? 0;
  if (held.files.length > most && attached.length) {
    store.dispatch({ type: "notice", message: say("A message can have {most} files; with those that wait these are too many.", { most }) });
    return;
  }
  store.dispatch({ type: "hold", key, held });
  store.dispatch({ type: "draft", key, text: "" });
  attaching.clear(key);
}
