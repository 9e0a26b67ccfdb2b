/** Joins the page: storage and address give the first state, the connection feeds it, the elements show it. */

import { actions, open } from "./actions.js";
import { readVisitor } from "./api.js";
import { Attaching } from "./attaching.js";
import { Connection } from "./connection.js";
import { listen } from "./elements/light-element.js";
import { ParleyApp } from "./elements/parley-app.js";
import { HttpLink } from "./http-link.js";
import { Loading } from "./loading.js";
import { conversationIn, showAddress, textToCompose } from "./navigation.js";
import { watchPresence } from "./presence.js";
import { openSocket } from "./socket.js";
import { initialState } from "./state.js";
import { fromServer, readyFiles } from "./state/attached.js";
import {
  keepDraft, keepFiles, keepModel, keepOptions, keepOutbox, keptDrafts, keptFiles, keptModel, keptOptions, keptOutbox, onOutboxChange,
} from "./storage.js";
import { Store } from "./store.js";

/** @import {State} from "./state.js" */

const store = new Store(firstState());
const connection = connect();
const loading = new Loading(store, connection);
const attaching = new Attaching(store);
const root = document.documentElement;
let linkedBefore = false;

/** @returns {State} */
function firstState() {
  const id = conversationIn(location.pathname);
  const drafts = keptDrafts();
  const composed = textToCompose(location.search);
  if (id === null && composed) drafts.new = composed;
  // Questions for new conversations that were on their way when the page was reloaded belong to this page now.
  const outbox = keptOutbox().map((waiting) => (waiting.view.startsWith("new") ? { ...waiting, view: "new" } : waiting));
  return initialState({
    drafts,
    outbox,
    attached: Object.fromEntries(Object.entries(keptFiles()).map(([key, files]) => [key, files.map(fromServer)])),
    model: keptModel(),
    options: keptOptions(),
    open: { id, view: id ?? "new", status: id === null ? "new" : "loading", conversation: null },
  });
}

/** @returns {Connection} */
function connect() {
  const address = new URL("/ws", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const ways = {
    openSocket: (/** @type {import("./socket.js").SocketEvents} */ events) => openSocket(address.href, events),
    openHttp: (/** @type {import("./http-link.js").HttpEvents} */ events) => new HttpLink(events),
    readVisitor,
  };
  return new Connection(ways, {
    onMode: (mode) => store.dispatch({ type: "mode", mode }),
    onLinked: (mode, hello) => {
      store.dispatch({ type: "linked", mode, hello });
      void (linkedBefore ? loading.catchUp() : loading.reloadIfBehind());
      linkedBefore = true;
      attaching.retryUnreached();
    },
    onFrame: (frame) => {
      store.take(frame);
      // The log of an answer can be gone while its text is stored: the conversation then knows better.
      if (frame.type === "error" && frame.answer !== null) void loading.reload();
    },
    onUnfollowed: (answer) => {
      store.dispatch({ type: "unfollowed", answer });
      void loading.reload();
    },
  });
}

/**
 * Keeps storage, address and the tests' mark in step with the state.
 * @param {State} state
 * @param {State} before
 */
function keepInStep(state, before) {
  if (state.mode !== before.mode) root.dataset.connection = state.mode;
  if (state.outbox !== before.outbox) keepOutbox(before.outbox, state.outbox);
  if (state.model !== before.model) keepModel(state.model);
  if (state.options !== before.options) keepOptions(state.options);
  if (state.drafts !== before.drafts) {
    for (const [key, text] of Object.entries(state.drafts)) if (text !== before.drafts[key]) keepDraft(key, text);
  }
  if (state.attached !== before.attached) {
    for (const [key, items] of Object.entries(state.attached)) if (items !== before.attached[key]) keepFiles(key, readyFiles(items));
  }
  // A new conversation has got its id: going back from it should not lead to an empty page.
  const born = before.open.id === null && state.open.id !== null && state.open.view === before.open.view;
  if (born) showAddress(state.open.id, { replace: true });
}

function start() {
  root.dataset.connection = store.state.mode;
  const app = document.querySelector("parley-app");
  if (!(app instanceof ParleyApp)) throw new Error("The page has no <parley-app>.");
  store.send = (frame) => connection.send(frame);
  store.paint = (state) => (app.state = state);
  store.watch(keepInStep);
  listen(app, actions(store, loading, attaching));
  app.state = store.state;
  connection.start();
  void loading.refreshList();
  void loading.reload();
  void loading.models();
  watchBrowser();
  if (location.search) showAddress(store.state.open.id, { replace: true });
}

function watchBrowser() {
  watchPresence({
    onWake: (options) => {
      connection.wake(options);
      void loading.modelsAgain(performance.now());
    },
    onTick: () => {
      void loading.checkSilence(performance.now());
      if (store.state.mode === "http") void loading.poll();
    },
  });
  addEventListener("popstate", () => open(store, loading, conversationIn(location.pathname), { address: "keep" }));
  onOutboxChange((kept) => {
    for (const { frame } of store.state.outbox) if (!kept.has(frame.id)) store.dispatch({ type: "discard", id: frame.id });
  });
}

start();
