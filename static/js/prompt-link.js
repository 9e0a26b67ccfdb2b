/**
 * Links that fill the composer: `/?q=…&model=…`. The text stands there already; here is what can wait: the model, and the
 * word that the text is somebody else's. Nothing is ever sent by itself.
 */

import { conversationIn } from "./navigation.js";
import { say } from "./say.js";
import { ChatComposer } from "./elements/chat-composer.js";

/** @import {ParleyApp} from "./elements/parley-app.js" */
/** @import {State} from "./state.js" */
/** @import {Store} from "./store.js" */

/**
 * The page was opened by a link with something to ask.
 * @param {ParleyApp} app
 * @param {Store} store
 * @param {string} search the address's query, as it was
 */
export function cameByLink(app, store, search) {
  const asked = new URLSearchParams(search);
  if (store.state.open.id !== null || conversationIn(location.pathname) !== null) return;
  const model = asked.get("model");
  if (model) chooseWhenKnown(store, model);
  const text = asked.get("q")?.trim();
  const composer = app.querySelector("chat-composer");
  // Whoever was quicker than this script has read it.
  if (!text || !(composer instanceof ChatComposer) || !composer.text.endsWith(text)) return;
  const words = say("This text came from a link. Read it before you send it.");
  composer.brought = words;
  app.said = words;
}

/**
 * Chooses a model as soon as the models are known, if it is among them and nothing was begun meanwhile.
 * @param {Store} store
 * @param {string} name its id, or what it is called
 */
function chooseWhenKnown(store, name) {
  const { view } = store.state.open;
  let done = false;
  const look = (/** @type {State} */ { models, open }) => {
    if (done || !models.length) return;
    done = true;
    const wanted = modelNamed(models, name);
    // Not within this event: who watches it should see its state, not a later one.
    if (wanted !== null && open.view === view) queueMicrotask(() => store.dispatch({ type: "model", model: wanted }));
  };
  store.watch(look);
  look(store.state);
}

/**
 * @param {State["models"]} models
 * @param {string} name
 * @returns {string | null} the id of the model that is called so
 */
export function modelNamed(models, name) {
  const same = (/** @type {string} */ other) => other.toLowerCase() === name.trim().toLowerCase();
  return (models.find(({ id }) => id === name) ?? models.find((model) => same(model.id) || same(model.name)))?.id ?? null;
}
