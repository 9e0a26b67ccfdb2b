/** Joins the page: storage and address give the first state, the connection feeds it, the elements show it. */

import { actions } from "./actions.js";
import { open } from "./actions/conversations.js";
import { ApiError, readVisitor } from "./api.js";
import { Attaching } from "./attaching.js";
import { Connection } from "./connection.js";
import { afterOther, withBrought } from "./draft.js";
import { listen } from "./elements/light-element.js";
import { ParleyApp } from "./elements/parley-app.js";
import { watchKeyboard } from "./keyboard.js";
import { Loading } from "./loading.js";
import { showLook, watchSystem } from "./look.js";
import { conversationIn, showAddress, textToCompose } from "./navigation.js";
import { looking, watchPresence } from "./presence.js";
import { openSocket } from "./socket.js";
import { draftKey, initialState } from "./state.js";
import { fromServer, readyFiles } from "./state/attached.js";
import { isPrivate, isPrivateRequest } from "./state/private.js";
import {
  keepDevice, keepDraft, keepFiles, keepHeld, keepModel, keepOptions, keepOutbox, keptDevice, keptDrafts, keptFiles, keptHeld, keptModel, keptOptions,
  keptOutbox, onDeviceChange, onDraftChange, onHeldChange, onOutboxChange,
} from "./storage.js";
import { Store } from "./store.js";
import { adoptWaiting, forOneTab, ownTab } from "./tabs.js";

/** @import {State} from "./state.js" */

/** The page's other parts are asked for again after this long when they could not be had. */
const AGAIN_MS = 3_000;

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
  if (id === null && composed) {
    drafts.new = withBrought(drafts.new ?? "", composed);
    keepDraft("new", drafts.new); // the address loses it at once
  }
  const outbox = keptOutbox().filter((waiting) => !forOneTab(waiting));
  return initialState({
    drafts,
    outbox,
    attached: Object.fromEntries(Object.entries(keptFiles()).map(([key, files]) => [key, files.map(fromServer)])),
    model: keptModel(),
    options: keptOptions(),
    held: keptHeld(),
    device: keptDevice(),
    open: { id, view: id ?? "new", status: id === null ? "new" : "loading", conversation: null },
  });
}

/** @returns {Connection} */
function connect() {
  const address = new URL("/ws", location.href);
  address.protocol = location.protocol === "https:" ? "wss:" : "ws:";
  const ways = {
    openSocket: (/** @type {import("./socket.js").SocketEvents} */ events) => openSocket(address.href, events),
    // Where it cannot be had, there is no link yet: the next attempt asks for it again.
    openHttp: async (/** @type {import("./http-link.js").HttpEvents} */ events) => new (await import("./later.js")).HttpLink(events),
    readVisitor: signedIn,
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
      if (frame.type === "changed" && frame.what.startsWith("visitor")) void import("./later.js").then(({ visitorChanged }) => visitorChanged(frame.what, loading));
      // The log of an answer can be gone while its text is stored: the conversation then knows better.
      if (frame.type === "error" && frame.answer !== null) void loading.reload();
      const back = frame.type === "changed" && frame.restored.some(({ id }) => id === store.state.open.id);
      if (back) void loading.reload();
    },
    onUnfollowed: (answer) => {
      store.dispatch({ type: "unfollowed", answer });
      void loading.reload();
    },
  });
}

/** What `readVisitor` says. Who is not let in any more is told so, and no other attempt is made. */
async function signedIn() {
  try {
    return await readVisitor();
  } catch (error) {
    if (error instanceof ApiError && error.problem.code === "not_signed_in") {
      connection.end();
      store.dispatch({ type: "site", site: { kind: "signed-out" } });
    }
    throw error;
  }
}

/**
 * Keeps storage, address and the tests' mark in step with the state.
 * @param {State} state
 * @param {State} before
 */
function keepInStep(state, before) {
  if (state.mode !== before.mode) root.dataset.connection = state.mode;
  if (state.outbox !== before.outbox) keepOutbox(before.outbox, state.outbox, ownTab());
  if (state.model !== before.model) keepModel(state.model);
  if (state.options !== before.options && !isPrivate(state.open.view)) keepOptions(state.options);
  if (state.drafts !== before.drafts) {
    for (const [key, text] of Object.entries(state.drafts)) if (text !== before.drafts[key]) keepDraft(key, text);
  }
  if (state.held !== before.held) {
    for (const key of new Set([...Object.keys(before.held), ...Object.keys(state.held)])) {
      if (state.held[key] !== before.held[key]) keepHeld(key, before.held[key] ?? null, state.held[key] ?? null);
    }
  }
  if (state.device !== before.device) {
    keepDevice(state.device);
    showLook(state.device);
  }
  if (state.attached !== before.attached) {
    for (const [key, items] of Object.entries(state.attached)) if (items !== before.attached[key]) keepFiles(key, readyFiles(items));
  }
  // Not within this event: who watches it should see its state, not a later one.
  if (state.ready.has(state.open.id ?? "") && looking()) queueMicrotask(() => store.dispatch({ type: "seen" }));
  // A new conversation has got its id: going back from it should not lead to an empty page.
  const born = before.open.id === null && state.open.id !== null && state.open.view === before.open.view;
  if (born) showAddress(state.open.id, { replace: true });
}

function start() {
  root.dataset.connection = store.state.mode;
  showLook(store.state.device);
  watchSystem();
  const app = document.querySelector("parley-app");
  if (!(app instanceof ParleyApp)) throw new Error("The page has no <parley-app>.");
  store.send = (frame) => connection.send(frame);
  store.paint = (state) => (app.state = state);
  store.watch(keepInStep);
  listen(app, actions({ store, loading, attaching }));
  app.state = store.state;
  connection.start();
  // Questions for new conversations that were on their way when the page was reloaded belong to this page now.
  void adoptWaiting(keptOutbox, (waiting) => store.dispatch({ type: "adopt", waiting: { ...waiting, view: "new" } }));
  void loading.refreshList();
  void loading.reload();
  void loading.models();
  watchBrowser();
  void loadRest(app, location.search);
  if (location.search) showAddress(store.state.open.id, { replace: true });
}

/**
 * The messages first, then all that can wait for them.
 * @param {ParleyApp} app
 * @param {string} search what the page's address asked for
 */
async function loadRest(app, search) {
  await persistently(() => import("./messages.js"));
  const later = await persistently(() => import("./later.js"));
  listen(app, later.laterActions({ store, loading, attaching }));
  app.arrived(later);
  later.watchHeld(store);
  later.firstWords(app, store, search);
}

/**
 * @template T
 * @param {() => Promise<T>} load tried again until it works
 */
async function persistently(load) {
  for (;;) {
    try {
      return await load();
    } catch {
      await new Promise((done) => setTimeout(done, AGAIN_MS));
    }
  }
}

function watchBrowser() {
  watchKeyboard();
  watchPresence({
    onLook: () => store.dispatch({ type: "seen" }),
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
  onDeviceChange((device) => store.dispatch({ type: "device", device }));
  onDraftChange((key, kept) => {
    const { open: here, drafts } = store.state;
    const mine = drafts[key] ?? "";
    const writing = key === draftKey(here) && document.hasFocus() && document.activeElement?.id === "question";
    const text = afterOther(mine, kept, writing);
    if (text !== mine) store.dispatch({ type: "draft", key, text });
  });
  onHeldChange((key, held) => store.dispatch({ type: "hold", key, held }));
  onOutboxChange((kept) => {
    for (const waiting of store.state.outbox) {
      const { id } = waiting.frame;
      if (!kept.has(id) && !isPrivateRequest(waiting)) store.dispatch({ type: "discard", id });
    }
  });
}

start();
