/**
 * Everything the page knows, and how it changes: a pure reducer over events, and `due`, the frames that have to
 * go out for the state to come true. No I/O, no DOM, no clock.
 */

import { NEW_DEVICE } from "./device.js";
import { NO_PREFERENCES } from "./objects.js";
import { applyDeltas, runningAnswers } from "./state/answers.js";
import { gone, onFrame } from "./state/arrivals.js";
import { onAttach, onDetach } from "./state/attached.js";
import { EMPTY_LIST, inView, listed, searching, upsert, withPinned } from "./state/conversations.js";
import { onEdit } from "./state/editing.js";
import { caughtUp } from "./state/elsewhere.js";
import { onHold } from "./state/held.js";
import { afterGaps, afterSending, letGo, NEW_LINK, toldOfChoice } from "./state/link.js";
import { put, remove } from "./state/outbox.js";
import { isPrivate, PRIVATE } from "./state/private.js";
import { onAnswer, onLoaded, onLoadFailed, onOpen, withVisitor } from "./state/replies.js";
import { seen } from "./state/ready.js";
import { NOTHING_FOUND } from "./state/searched.js";
import { leafBelow, NO_MESSAGES } from "./state/tree.js";

/** @import {Answer, Conversation, Found, Limits, Message, Model, ModelOptions, Preferences, Problem} from "./objects.js" */
/** @import {ClientFrame, DeltaFrame, HelloFrame, ServerFrame} from "./frames.js" */
/** @import {Attached} from "./state/attached.js" */
/** @import {ConversationList, ListView, Undo} from "./state/conversations.js" */
/** @import {Device} from "./device.js" */
/** @import {Held} from "./state/held.js" */
/** @import {Outbox, Waiting} from "./state/outbox.js" */
/** @import {Link} from "./state/link.js" */
/** @import {Messages} from "./state/tree.js" */
/** @import {Searched} from "./state/searched.js" */
/** @import {Shares} from "./sharing.js" */

/** @typedef {"connecting" | "socket" | "http" | "offline"} Mode */
/** @typedef {"palette" | "shortcuts" | "settings" | "snippets" | "share" | "handoff" | "tags"} Dialog */
/** @typedef {{saving: boolean, problem: string | null}} Panel the options of the open conversation, while they are shown */
/**
 * @typedef {object} Open the conversation in view
 * @property {string | null} id null for one that does not exist yet
 * @property {string} view its id, or a key of its own while it has none
 * @property {"new" | "loading" | "ready" | "missing" | "failed"} status
 * @property {Conversation | null} conversation
 */
/** @typedef {{kind: "closed", words: string} | {kind: "signed-out"}} Site why nothing can be asked here just now */
/** @typedef {Pick<Open, "id" | "view">} Place a conversation, as the page drew it when something was written there */
/**
 * @typedef {object} State
 * @property {Mode} mode
 * @property {Link} link
 * @property {Limits | null} limits
 * @property {readonly Model[]} models
 * @property {string | null} model the reader's choice; null leaves it to the server
 * @property {ConversationList} list
 * @property {ReadonlyMap<string, string>} running answer → conversation, of this visitor, in all tabs
 * @property {Open} open
 * @property {Messages} messages of the open conversation
 * @property {string | null} leaf where the shown branch ends
 * @property {Outbox} outbox
 * @property {ReadonlySet<string>} stopping answers the reader wants ended
 * @property {Readonly<Record<string, string>>} drafts by conversation id, or "new"; questions in other words by `editKey`
 * @property {Readonly<Record<string, readonly Attached[]>>} attached files of the drafts, by the same keys
 * @property {ModelOptions} options those of the next new conversation
 * @property {Panel | null} panel
 * @property {{view: string, message: string} | null} notice a sentence beside the composer
 * @property {Undo | null} undo what can be taken back just now
 * @property {ReadonlySet<string>} ready conversations with an answer that ended while nobody looked
 * @property {string | null} editing the question that is being rewritten
 * @property {Readonly<Record<string, Held>>} held messages that wait for an answer's end, by draft key
 * @property {Preferences} preferences
 * @property {Device} device
 * @property {Dialog | null} dialog
 * @property {Searched} palette
 * @property {Site | null} site what the site itself has to say; null while all is as usual
 * @property {Shares} shares links to conversations
 */
/**
 * @typedef {{type: "mode", mode: Mode}
 *   | {type: "linked", mode: "socket" | "http", hello: HelloFrame}
 *   | {type: "visitor", hello: HelloFrame}
 *   | {type: "frame", frame: Exclude<ServerFrame, HelloFrame | DeltaFrame>}
 *   | {type: "deltas", deltas: readonly DeltaFrame[]}
 *   | {type: "sent", frame: ClientFrame}
 *   | {type: "unfollowed", answer: string}
 *   | {type: "queue", waiting: Waiting}
 *   | {type: "adopt", waiting: Waiting}
 *   | {type: "discard", id: string}
 *   | {type: "stop", answer: string}
 *   | {type: "search", query: string, tag?: string | null}
 *   | {type: "listed", query: string, tag?: string | null, view: ListView, conversations: Conversation[], found: ReadonlyMap<string, Found>, next_cursor: string | null, append: boolean}
 *   | {type: "pinned", conversations: Conversation[]}
 *   | {type: "list-failed"}
 *   | {type: "list-view", view: ListView}
 *   | {type: "select", ids: readonly string[] | null}
 *   | {type: "undo", undo: Undo | null}
 *   | {type: "seen"}
 *   | {type: "gone", ids: readonly string[]}
 *   | {type: "placed", conversations: readonly Conversation[]}
 *   | {type: "edit", message: string | null}
 *   | {type: "hold", key: string, held: Held | null}
 *   | {type: "preferences", preferences: Preferences}
 *   | {type: "device", device: Device}
 *   | {type: "dialog", dialog: Dialog | null}
 *   | {type: "palette", palette: Searched}
 *   | {type: "site", site: Site | null}
 *   | {type: "shares", shares: Partial<Shares>}
 *   | {type: "open", id: string | null, view: string}
 *   | {type: "loaded", conversation: Conversation, messages: (Message | Answer)[]}
 *   | {type: "answer", answer: Answer}
 *   | {type: "load-failed", id: string, problem: Problem}
 *   | {type: "choose", message: string}
 *   | {type: "unchosen", leaf: string}
 *   | {type: "models", models: Model[]}
 *   | {type: "model", model: string | null}
 *   | {type: "draft", key: string, text: string}
 *   | {type: "attach", key: string, item: Attached}
 *   | {type: "detach", key: string, local: string | null}
 *   | {type: "options", options: ModelOptions}
 *   | {type: "panel", panel: Panel | null}
 *   | {type: "notice", message: string | null}} Event
 */
/**
 * @template {Event["type"]} K
 * @typedef {(state: State, event: Extract<Event, {type: K}>) => State} Handler
 */

/**
 * The page before anything is known.
 * @param {Partial<State>} [kept] what was kept from an earlier visit
 * @returns {State}
 */
export function initialState(kept = {}) {
  return {
    mode: "connecting",
    link: NEW_LINK,
    limits: null,
    models: [],
    model: null,
    list: EMPTY_LIST,
    running: new Map(),
    open: { id: null, view: "new", status: "new", conversation: null },
    messages: NO_MESSAGES,
    leaf: null,
    outbox: [],
    stopping: new Set(),
    drafts: {},
    attached: {},
    options: {},
    panel: null,
    notice: null,
    undo: null,
    ready: new Set(),
    editing: null,
    held: {},
    preferences: NO_PREFERENCES,
    device: NEW_DEVICE,
    dialog: null,
    palette: NOTHING_FOUND,
    site: null,
    shares: { items: null, behind: false, problem: null, of: null },
    ...kept,
  };
}

/** @type {{[K in Event["type"]]: Handler<K>}} */
const HANDLERS = {
  mode: (state, { mode }) => (mode === state.mode ? state : { ...state, mode }),
  linked: (state, { mode, hello }) => ({ ...withVisitor(state, hello), mode, link: NEW_LINK }),
  visitor: (state, { hello }) => withVisitor(state, hello),
  frame: (state, { frame }) => onFrame(state, frame),
  deltas: onDeltas,
  sent: (state, { frame }) => ({ ...state, link: afterSending(state.link, frame) }),
  unfollowed: (state, { answer }) => ({ ...state, link: letGo(state.link, answer) }),
  queue: onQueue,
  adopt: (state, { waiting }) => ({ ...state, outbox: put(state.outbox, waiting) }),
  discard: (state, { id }) => ({ ...state, outbox: remove(state.outbox, id) }),
  stop: (state, { answer }) => ({ ...state, stopping: new Set(state.stopping).add(answer) }),
  search: (state, { query, tag }) => ({ ...state, list: searching(state.list, query, tag) }),
  listed: (state, page) => ({ ...state, list: listed(state.list, page) }),
  pinned: (state, { conversations }) => ({ ...state, list: withPinned(state.list, conversations) }),
  "list-view": (state, { view }) => ({ ...state, list: inView(state.list, view) }),
  select: (state, { ids }) => ({ ...state, list: { ...state.list, selected: ids === null ? null : new Set(ids) } }),
  undo: (state, { undo }) => ({ ...state, undo }),
  seen: (state) => seen(state),
  gone: (state, { ids }) => gone(state, ids),
  placed: (state, { conversations }) => ({ ...state, list: conversations.reduce(upsert, state.list) }),
  edit: onEdit,
  hold: onHold,
  preferences: (state, { preferences }) => ({ ...state, preferences }),
  device: (state, { device }) => ({ ...state, device }),
  dialog: (state, { dialog }) => ({ ...state, dialog }),
  palette: (state, { palette }) => ({ ...state, palette }),
  site: (state, { site }) => ({ ...state, site }),
  shares: (state, { shares }) => ({ ...state, shares: { ...state.shares, ...shares } }),
  "list-failed": (state) => ({
    ...state,
    list: state.list.status === "loading" ? { ...state.list, status: "failed" } : state.list,
  }),
  open: onOpen,
  loaded: onLoaded,
  answer: onAnswer,
  "load-failed": onLoadFailed,
  choose: onChoose,
  unchosen: (state, { leaf }) => ({ ...state, link: toldOfChoice(state.link, leaf) }),
  models: (state, { models }) => ({ ...state, models }),
  model: (state, { model }) => ({ ...state, model }),
  draft: (state, { key, text }) => ({ ...state, drafts: { ...state.drafts, [key]: text }, notice: null }),
  attach: onAttach,
  detach: onDetach,
  options: (state, { options }) => ({ ...state, options }),
  panel: (state, { panel }) => ({ ...state, panel }),
  notice: (state, { message }) => ({ ...state, notice: message === null ? null : { view: state.open.view, message } }),
};

/**
 * The state after an event.
 * @param {State} state
 * @param {Event} event
 * @returns {State}
 */
export function reduce(state, event) {
  // The table's type pairs each handler with its own event; a lookup by a union key cannot show that.
  const handler = /** @type {Handler<typeof event.type>} */ (HANDLERS[event.type]);
  return caughtUp(state, handler(state, /** @type {never} */ (event)));
}

/**
 * What has to be sent now. After each is sent, `{type: "sent", frame}` takes it off this list.
 *
 * Deriving this from the state, instead of sending at each event, is what makes every path (a new connection, a
 * reload, a gap, another conversation) follow the right answers from the right offsets.
 * @param {State} state
 * @returns {ClientFrame[]}
 */
export function due(state) {
  if (state.mode !== "socket" && state.mode !== "http") return [];
  const { following, refused, sent } = state.link;
  /** @type {ClientFrame[]} */
  const frames = state.outbox.flatMap(({ frame }) => (sent.has(frame.id) ? [] : [frame]));
  for (const answer of state.stopping) if (!sent.has(`stop:${answer}`)) frames.push({ type: "stop", answer });
  const wanted = new Map(runningAnswers(state.messages).map((answer) => [answer.id, answer]));
  for (const answer of following) if (!wanted.has(answer)) frames.push({ type: "unfollow", answer });
  for (const { id, next, reasoning_next } of wanted.values()) {
    if (following.has(id) || refused.has(id)) continue;
    frames.push({ type: "follow", answer: id, offset: next, reasoning_offset: reasoning_next });
  }
  return frames;
}

/** @type {Handler<"choose">} */
function onChoose(state, { message }) {
  const leaf = leafBelow(state.messages, message);
  // Over plain HTTP nobody says it back.
  const chosen = state.mode === "socket" && state.open.id !== null ? [...state.link.chosen, leaf] : [];
  return { ...state, leaf, link: { ...state.link, chosen } };
}

/** @type {Handler<"queue">} */
function onQueue(state, { waiting }) {
  // The options of a new conversation go with its first question, and the next one begins without any.
  const given = waiting.frame.type === "ask" && waiting.frame.conversation === undefined;
  return { ...state, outbox: put(state.outbox, waiting), options: given ? {} : state.options, notice: null };
}

/** @type {Handler<"deltas">} */
function onDeltas(state, { deltas }) {
  const { messages, gaps, grown } = applyDeltas(state.messages, deltas);
  return { ...state, messages, link: afterGaps(state.link, gaps, grown) };
}

/**
 * The key under which a draft is kept.
 * @param {Place} open the conversation in view
 * @param {Place} [from] the one it was written in: it may have got its id since, or been left
 * @returns {string}
 */
export function draftKey(open, from = open) {
  const { id, view } = from.view === open.view ? open : from;
  return id ?? (isPrivate(view) ? PRIVATE : "new");
}
