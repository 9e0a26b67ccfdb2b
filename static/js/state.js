/**
 * Everything the page knows, and how it changes: a pure reducer over events, and `due`, the frames that have to
 * go out for the state to come true. No I/O, no DOM, no clock.
 */

import { applyDeltas, runningAnswers } from "./state/answers.js";
import { onFrame } from "./state/arrivals.js";
import { onAttach, onDetach } from "./state/attached.js";
import { EMPTY_LIST, listed } from "./state/conversations.js";
import { afterGaps, afterSending, letGo, NEW_LINK } from "./state/link.js";
import { put, remove } from "./state/outbox.js";
import { onAnswer, onLoaded, onLoadFailed, onOpen, withVisitor } from "./state/replies.js";
import { leafBelow, NO_MESSAGES } from "./state/tree.js";

/** @import {Answer, Conversation, Limits, Message, Model, ModelOptions, Problem} from "./objects.js" */
/** @import {ClientFrame, DeltaFrame, HelloFrame, ServerFrame} from "./frames.js" */
/** @import {Attached} from "./state/attached.js" */
/** @import {ConversationList} from "./state/conversations.js" */
/** @import {Outbox, Waiting} from "./state/outbox.js" */
/** @import {Link} from "./state/link.js" */
/** @import {Messages} from "./state/tree.js" */

/** @typedef {"connecting" | "socket" | "http" | "offline"} Mode */
/** @typedef {{saving: boolean, problem: string | null}} Panel the options of the open conversation, while they are shown */
/**
 * @typedef {object} Open the conversation in view
 * @property {string | null} id null for one that does not exist yet
 * @property {string} view its id, or a key of its own while it has none
 * @property {"new" | "loading" | "ready" | "missing" | "failed"} status
 * @property {Conversation | null} conversation
 */
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
 * @property {Readonly<Record<string, string>>} drafts by conversation id, or "new"
 * @property {Readonly<Record<string, readonly Attached[]>>} attached files of the drafts, by the same keys
 * @property {ModelOptions} options those of the next new conversation
 * @property {Panel | null} panel
 * @property {{view: string, message: string} | null} notice a sentence beside the composer
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
 *   | {type: "discard", id: string}
 *   | {type: "stop", answer: string}
 *   | {type: "search", query: string}
 *   | {type: "listed", query: string, conversations: Conversation[], next_cursor: string | null, append: boolean}
 *   | {type: "list-failed"}
 *   | {type: "open", id: string | null, view: string}
 *   | {type: "loaded", conversation: Conversation, messages: (Message | Answer)[]}
 *   | {type: "answer", answer: Answer}
 *   | {type: "load-failed", id: string, problem: Problem}
 *   | {type: "choose", message: string}
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
  discard: (state, { id }) => ({ ...state, outbox: remove(state.outbox, id) }),
  stop: (state, { answer }) => ({ ...state, stopping: new Set(state.stopping).add(answer) }),
  search: (state, { query }) => ({ ...state, list: { ...state.list, query, cursor: null } }),
  listed: (state, page) => ({ ...state, list: listed(state.list, page) }),
  "list-failed": (state) => ({
    ...state,
    list: state.list.status === "loading" ? { ...state.list, status: "failed" } : state.list,
  }),
  open: onOpen,
  loaded: onLoaded,
  answer: onAnswer,
  "load-failed": onLoadFailed,
  choose: (state, { message }) => ({ ...state, leaf: leafBelow(state.messages, message) }),
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
  return handler(state, /** @type {never} */ (event));
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
 * The key under which the open conversation's draft is kept.
 * @param {Open} open
 * @returns {string}
 */
export function draftKey(open) {
  return open.id ?? "new";
}
