/** `<conversation-list>`: the conversations by day, with search, archive and choosing. What is done with a row is listened to here. */

import { html, nothing, repeat } from "../../vendor/lit.js";
import { say, sayMany } from "../say.js";
import { EMPTY_LIST } from "../state/conversations.js";
import { dayOf, rememberedGroups } from "../state/groups.js";
import { wordsOf } from "../words.js";
import "./choosing-bar.js";
import "./conversation-run.js";
import { newIcon, previousIcon } from "./icons.js";
import { archiveIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";
import { ListSearch } from "./list-search.js";
import { RowActions } from "./row-actions.js";
import "./row-menu.js";

/** @import {Conversation} from "../objects.js" */
/** @import {ConversationList as List} from "../state/conversations.js" */
/** @import {Group} from "../state/groups.js" */
/** @import {ListLook} from "./conversation-run.js" */

/** Groups are looked at again after this time: a day may have passed. */
const HOUR_MS = 3_600_000;
/** Older conversations are read when their place is this near. */
const NEAR = "800px 0px";
/** So many rows are drawn at once, before it is known how many there is room for. */
const FIRST_ROWS = 60;

/** The list beside the page. */
export class ConversationList extends LightElement {
  /** @override */
  static properties = {
    ready: { attribute: false },
    list: { attribute: false },
    current: { attribute: false },
    running: { attribute: false },
    here: { state: true },
    menu: { state: true },
    renaming: { state: true },
  };

  constructor() {
    super();
    /** @type {ReadonlySet<string>} conversations with an answer nobody has seen yet */
    this.ready = new Set();
    /** @type {List} */
    this.list = EMPTY_LIST;
    /** @type {string | null} the open conversation */
    this.current = null;
    /** @type {ReadonlySet<string>} conversations in which an answer is being written */
    this.running = new Set();
    /** @type {string | null} the row that had the focus last */
    this.here = null;
    /** @type {string | null} the row whose menu is open */
    this.menu = null;
    /** @type {string | null} the row that gets another name */
    this.renaming = null;
    this.groups = rememberedGroups();
    /** @type {readonly Group[]} */
    this.shown = [];
    this.words = { query: "", words: wordsOf("") };
    /** @type {ListLook | null} */
    this.lastLook = null;
    /** @type {string | null} a query whose first result is opened when it is there */
    this.awaited = null;
    this.rows = new RowActions(this);
    /** @type {AbortController | null} */
    this.watching = null;
    /** @type {IntersectionObserver | null} */
    this.nearEnd = null;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.watching = new AbortController();
    const { signal } = this.watching;
    let day = dayOf(Date.now());
    const look = () => {
      if (day !== dayOf(Date.now())) this.requestUpdate();
      day = dayOf(Date.now());
    };
    document.addEventListener("visibilitychange", look, { signal });
    const hourly = setInterval(look, HOUR_MS);
    signal.addEventListener("abort", () => clearInterval(hourly));
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.watching?.abort();
    this.nearEnd?.disconnect();
    this.nearEnd = null;
  }

  /** @override */
  willUpdate() {
    const { query, view, items } = this.list;
    if (this.words.query !== query) this.words = { query, words: wordsOf(query) };
    this.shown = this.groups(items, Date.now(), view === "all" && !this.searching);
  }

  get searching() {
    return this.words.words.length > 0 || !!this.list.tag;
  }

  /** @override */
  render() {
    const archive = this.list.view === "archived";
    return html`
      ${archive ? this.archiveHead() : html`<button type="button" class="new-conversation" @click=${() => this.emit("conversation-new", null)}>${newIcon}<span>${say("New conversation")}</span></button>`}
      <list-search .query=${this.list.query} .tag=${this.list.tag ?? null} .label=${archive ? say("Search the archive") : say("Search conversations")} .said=${this.said()}
        .onFirst=${(/** @type {string} */ query) => this.openFirst(query)} .onDown=${() => void this.rows.focus.give(this.order[0]?.id ?? "")}></list-search>
      ${this.list.selected ? html`<choosing-bar .selected=${this.list.selected} .items=${this.list.items} .archived=${archive} .rows=${this.rows}></choosing-bar>` : nothing}
      <nav aria-label=${archive ? say("Archived conversations") : say("Conversations")} aria-busy=${this.list.status === "loading"}
        @click=${this.rows.clicked} @dblclick=${this.rows.doubleClicked} @contextmenu=${this.rows.menuAsked} @keydown=${this.rows.keyed} @focusin=${this.rows.focused}
        @submit=${this.rows.renaming.submitted} @focusout=${this.rows.renaming.left} @change=${this.rows.ticked}>
        ${this.body()}
      </nav>
      ${archive || this.searching ? nothing : html`<button type="button" class="list-archive" @click=${() => this.show("archived")}>${archiveIcon}<span>${say("Archived")}</span></button>`}
      <row-menu .onToggle=${this.rows.menuToggled}></row-menu>
    `;
  }

  archiveHead() {
    return html`<div class="archive-head">
      <button type="button" class="icon-button archive-back" aria-label=${say("Back to all conversations")} title=${say("Back")} @click=${() => this.show("all")}>${previousIcon}</button><h2>${say("Archived")}</h2>
    </div>`;
  }

  body() {
    const { status, cursor, items } = this.list;
    const look = this.look();
    let above = 0;
    const drawn = (/** @type {readonly Conversation[]} */ run) => (above += run.length) - run.length < FIRST_ROWS;
    return html`${this.remark()}
      ${repeat(this.shown, ({ key }) => key, (group) => html`<section class="row-group" aria-labelledby=${`group-${group.key}`}>
        <h2 id=${`group-${group.key}`}>${group.label}</h2>
        <div role="list" aria-labelledby=${`group-${group.key}`}>
          ${repeat(group.runs, ({ key }) => key, (run) => html`<conversation-run .items=${run.items} .look=${look} .first=${drawn(run.items)}></conversation-run>`)}
        </div>
      </section>`)}
      ${status === "loading" ? skeleton(items.length === 0) : nothing}
      ${cursor === null ? nothing : html`<button type="button" class="quiet-button list-more" @click=${() => this.emit("list-more", null)}>${say("Show older")}</button>`}`;
  }

  /** @returns {ListLook} the very same one as long as it says the same */
  look() {
    const { selected, found, items, view } = this.list;
    const known = (/** @type {string | null} */ wanted) => (wanted !== null && items.some(({ id }) => id === wanted) ? wanted : null);
    const here = known(this.here) ?? known(this.current) ?? this.shown[0]?.items[0]?.id ?? null;
    const { current, running, ready, menu, renaming, lastLook } = this;
    const look = { current, running, ready, here, menu, renaming, selected, words: this.words.words, found, archive: view === "archived" };
    const names = /** @type {(keyof ListLook)[]} */ (Object.keys(look));
    if (!lastLook || names.some((name) => look[name] !== lastLook[name])) this.lastLook = look;
    return this.lastLook ?? look;
  }

  /** A sentence where there is nothing to list. */
  remark() {
    const { items, status, view } = this.list;
    if (status === "failed") {
      return html`<p class="list-remark">${say("The list could not be loaded.")}
        <button type="button" class="text-button" @click=${() => this.emit("list-refresh", null)}>${say("Try again")}</button></p>`;
    }
    if (items.length || status === "loading") return nothing;
    if (this.searching) return html`<p class="list-remark" dir="auto">${this.nothingFound()}</p>`;
    return html`<p class="list-remark">${view === "archived" ? say("What you archive is kept here.") : say("Your conversations will be listed here.")}</p>`;
  }

  nothingFound() {
    const { query, tag } = this.list;
    return tag && !query.trim() ? say("Nothing is tagged “{tag}”.", { tag }) : say("Nothing found for “{query}”.", { query: query.trim() });
  }

  /** What a screen reader is told about the search. */
  said() {
    const { items, status, cursor } = this.list;
    if (!this.searching || status === "failed") return "";
    if (status === "loading") return say("Searching…");
    if (!items.length) return this.nothingFound();
    const { length: count } = items;
    return cursor === null ? sayMany(count, "{count} conversation found.", "{count} conversations found.") : sayMany(count, "{count} or more conversations found.", "{count} or more conversations found.");
  }

  /** @override */
  updated() {
    if (this.awaited !== null && this.list.query !== this.awaited) this.awaited = null;
    if (this.awaited !== null) this.openFirst(this.awaited);
    this.rows.focus.settle();
    this.watchEnd();
  }

  /** Looks again whether the end is near: what has just come may not have filled the room. */
  watchEnd() {
    this.nearEnd ??= new IntersectionObserver(
      (entries) => entries.at(-1)?.isIntersecting && this.emit("list-more", null),
      { root: this.querySelector("nav"), rootMargin: NEAR },
    );
    this.nearEnd.disconnect();
    const more = this.querySelector(".list-more");
    if (more && this.list.status === "ready") this.nearEnd.observe(more);
  }

  /**
   * Opens the first that was found, as soon as it is known which that is.
   * @param {string} query what was to be found: the list may still show what an earlier one did
   */
  openFirst(query) {
    const known = this.list.query === query && this.list.status !== "loading";
    this.awaited = known ? null : query;
    const first = this.shown[0]?.items[0];
    if (known && first) this.emit("conversation-open", { id: first.id });
  }

  /** @param {List["view"]} view */
  async show(view) {
    this.emit("list-view", { view });
    await new Promise(requestAnimationFrame);
    await this.updateComplete;
    const target = this.querySelector(view === "archived" ? ".archive-back" : ".list-archive");
    if (target instanceof HTMLElement) target.focus();
  }

  toSearch() {
    const search = this.querySelector("list-search");
    if (search instanceof ListSearch) search.querySelector("input")?.focus();
  }

  /** @returns {Conversation[]} as they stand below each other */
  get order() {
    return this.shown.flatMap(({ items }) => items);
  }
}

/**
 * Rows to come, of the same height as those that will stand there.
 * @param {boolean} heading whether a group's heading will stand there too
 */
function skeleton(heading) {
  return html`<div class="list-skeleton" aria-hidden="true">
    ${heading ? html`<span class="skeleton-heading"></span>` : nothing}${Array.from({ length: heading ? 8 : 3 }, () => html`<span></span>`)}
  </div>`;
}

customElements.define("conversation-list", ConversationList);
