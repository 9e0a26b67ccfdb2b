/** `<conversation-run>`: a few rows of the list, drawn together: only while they are near, and only when something about one of them changed. */

import { html, repeat } from "../../vendor/lit.js";
import { conversationRow } from "./conversation-row.js";
import { LightElement } from "./light-element.js";

/** @import {Conversation, Found} from "../objects.js" */

/**
 * @typedef {object} ListLook what rows show of the state; the same for all of them
 * @property {string | null} current
 * @property {ReadonlySet<string>} running
 * @property {ReadonlySet<string>} ready
 * @property {string | null} here
 * @property {string | null} menu
 * @property {string | null} renaming
 * @property {ReadonlySet<string> | null} selected
 * @property {readonly string[]} words always the same ones for one query
 * @property {ReadonlyMap<string, Found>} found
 * @property {boolean} archive whether the archive is listed
 */

/** @type {ListLook} */
const PLAIN = {
  current: null, running: new Set(), ready: new Set(), here: null, menu: null, renaming: null, selected: null, words: [], found: new Map(), archive: false,
};

/** Rows so far above and below what is seen are drawn. */
const NEAR = "2400px 0px";

/** @type {WeakMap<Element, IntersectionObserver>} by what scrolls */
const watchers = new WeakMap();

/**
 * @param {Element} scroller
 * @returns {IntersectionObserver} tells runs in it whether they are near
 */
function watcherOf(scroller) {
  const watcher = watchers.get(scroller) ?? new IntersectionObserver(tell, { root: scroller, rootMargin: NEAR });
  watchers.set(scroller, watcher);
  return watcher;
}

/** @param {readonly IntersectionObserverEntry[]} entries */
function tell(entries) {
  for (const { target, isIntersecting } of entries) if (target instanceof ConversationRun) target.near = isIntersecting;
}

/** Some rows. */
export class ConversationRun extends LightElement {
  /** @override */
  static properties = { items: { attribute: false }, look: { attribute: false }, first: { attribute: false }, near: { state: true } };

  constructor() {
    super();
    /** @type {readonly Conversation[]} */
    this.items = [];
    /** @type {ListLook} */
    this.look = PLAIN;
    /** Whether it is among the first, which are near from the beginning. */
    this.first = false;
    /** @type {boolean | null} null until it is known */
    this.near = null;
    /** @type {IntersectionObserver | null} */
    this.watcher = null;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    const scroller = this.closest("nav");
    this.watcher = scroller && watcherOf(scroller);
    this.watcher?.observe(this);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.watcher?.unobserve(this);
  }

  /** Whether its rows are drawn. The one that has the focus, or would get it, always is. */
  get drawn() {
    const { here, renaming } = this.look;
    return (this.near ?? this.first) || this.items.some(({ id }) => id === here || id === renaming);
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  shouldUpdate(changes) {
    const before = /** @type {ListLook | undefined} */ (changes.get("look"));
    return changes.has("items") || changes.has("near") || changes.has("first") || !before || this.items.some(({ id }) => differs(before, this.look, id));
  }

  /** @override */
  render() {
    return html`${repeat(this.drawn ? this.items : [], ({ id }) => id, (item) => conversationRow(item, this.rowLook(item)))}`;
  }

  /** @override */
  willUpdate() {
    // What is not drawn keeps the place it had, or the one it will need.
    if (this.drawn) this.style.height = "";
    else this.style.height = this.querySelector(".row") ? `${this.offsetHeight}px` : `calc(var(--row) * ${this.items.length})`;
  }

  /** @param {Conversation} conversation */
  rowLook({ id, archived }) {
    const { current, running, ready, here, menu, renaming, selected, words, found, archive } = this.look;
    return {
      current: id === current,
      running: running.has(id),
      ready: ready.has(id),
      here: id === here,
      menu: id === menu,
      renaming: id === renaming,
      chosen: selected && selected.has(id),
      words,
      found: found.get(id) ?? null,
      putAway: archived && !archive,
    };
  }
}

/**
 * Whether one row looks another way.
 * @param {ListLook} a
 * @param {ListLook} b
 * @param {string} id
 * @returns {boolean}
 */
function differs(a, b, id) {
  if (a.words !== b.words || a.archive !== b.archive || (a.selected === null) !== (b.selected === null)) return true;
  const singles = /** @type {const} */ (["current", "here", "menu", "renaming"]);
  if (singles.some((key) => a[key] !== b[key] && (a[key] === id || b[key] === id))) return true;
  return (
    (a.running !== b.running && a.running.has(id) !== b.running.has(id)) ||
    (a.ready !== b.ready && a.ready.has(id) !== b.ready.has(id)) ||
    (a.selected !== b.selected && a.selected?.has(id) !== b.selected?.has(id)) ||
    (a.found !== b.found && a.found.get(id) !== b.found.get(id))
  );
}

customElements.define("conversation-run", ConversationRun);
