/** `<parley-app>`: the whole page, drawn from one state. What the reader does bubbles up through it as events. */

import { html, live, nothing } from "../../vendor/lit.js";
import { isAnswer } from "../objects.js";
import { showReady } from "../look.js";
import { say } from "../say.js";
import { draftKey } from "../state.js";
import { attachedTo } from "../state/attached.js";
import { edited } from "../state/editing.js";
import { heldHere } from "../state/held.js";
import { isPrivate } from "../state/private.js";
import { heading, tabTitle } from "../title.js";
import { anySet, chosenModel, noticeHere, onlyGuide, optionsHere, questionsToShow, rememberedBranch, runningHere, waitingInView } from "../state/view.js";
import "./chat-composer.js";
import "./chat-welcome.js";
import "./connection-notice.js";
import { watchDrops } from "./file-drop.js";
import { closeIcon, markIcon, menuIcon, newIcon, optionsIcon, privateIcon, sidebarIcon } from "./icons.js";
import { messagesToCome } from "./messages-to-come.js";
import { PageCommands } from "./page-commands.js";
import { PageFrame } from "./page-frame.js";
import { FAILED, missing, remark } from "./page-remark.js";

/** @import {Dialog, State} from "../state.js" */
/** @import {Shown} from "../state/tree.js" */
/** @import {Heard} from "./announcements.js" */
/** @import {Later} from "./light-element.js" */

const NOTE_MS = 2_000;

/** The page. */
export class ParleyApp extends PageFrame {
  /** @override */
  static properties = {
    ...PageFrame.properties,
    site: { type: String },
    said: { state: true },
    note: { state: true },
    later: { state: true },
    complete: { state: true },
    dropping: { state: true },
  };

  constructor() {
    super();
    this.site = "Parley";
    /** What the live region says. */
    this.said = "";
    /** What is said on the page for a moment. */
    this.note = "";
    /** @type {Later | null} what is loaded later, once it is there */
    this.later = null;
    this.commands = new PageCommands(this);
    /** Whether the script of the messages is there. */
    this.complete = false;
    /** Whether files hang over the page. */
    this.dropping = false;
    /** @type {AbortController | null} */
    this.drops = null;
    this.branch = rememberedBranch();
    /** @type {Heard | null} */
    this.heard = null;
    /** @type {ReadonlySet<string>} */
    this.lastRunning = new Set();
  }

  /**
   * What the server drew of the page makes room for the page.
   * @override
   */
  createRenderRoot() {
    this.replaceChildren();
    return this;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    void customElements.whenDefined("message-list").then(() => (this.complete = true));
    addEventListener("keydown", this.commands.pressed);
    this.drops = watchDrops({
      welcome: () => this.takesFiles === true && this.state.panel === null && this.state.open.status !== "missing",
      onOver: (over) => (this.dropping = over),
      onDrop: (files) => this.emit("files-add", { files }),
    });
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    removeEventListener("keydown", this.commands.pressed);
    this.drops?.abort();
  }

  /** @override */
  render() {
    const { state } = this;
    const shown = this.branch(state.messages, state.leaf);
    const modal = this.narrow && this.drawer;
    const undo = html`<undo-notice .undo=${state.undo}></undo-notice>`;
    return html`
      ${state.open.status === "missing" ? nothing : html`<a class="skip-link" href="#question">${say("Skip to the message field")}</a>`}
      ${this.sidebar(state, modal, modal ? html`<p class="drawer-problem" role="alert">${noticeHere(state) ?? ""}</p>${undo}` : nothing)}
      ${modal ? html`<div class="scrim" @click=${this.close}></div>` : nothing}
      <main class="page" ?inert=${modal}>
        ${this.header(state)}
        ${isPrivate(state.open.view) ? html`<private-bar .begun=${state.open.id !== null}></private-bar>` : nothing}
        <div class="middle">
          ${this.middle(state, shown)}
          <connection-notice .mode=${state.mode} .note=${this.note}></connection-notice>
        </div>
        ${modal ? nothing : undo}
        ${state.site ? html`<site-notice .site=${state.site}></site-notice>` : nothing}
        ${this.composer(state)}
        ${this.dropping ? html`<p class="drop-zone">${say("Let go to attach")}</p>` : nothing}
      </main>
      ${this.modals(state)}
      <p class="visually-hidden" role="status" aria-live="polite">${this.said}</p>
    `;
  }

  /** @param {State} state */
  modals(state) {
    // `live`, because a dialog closes itself and tells it afterwards.
    const open = (/** @type {Dialog} */ dialog) => live(state.dialog === dialog);
    return html`<options-dialog .panel=${state.panel} .options=${optionsHere(state)}></options-dialog>
      <command-palette .open=${open("palette")} .page=${state} .perform=${this.commands.perform}></command-palette>
      <settings-dialog .open=${open("settings")} .device=${state.device} .models=${state.models} .preferences=${state.preferences} .mode=${state.mode}></settings-dialog>
      <shortcuts-dialog .open=${open("shortcuts")}></shortcuts-dialog>
      <snippets-dialog .open=${open("snippets")} .snippets=${state.preferences.snippets}></snippets-dialog>
      <share-dialog .open=${open("share")} .page=${state}></share-dialog>`;
  }

  /**
   * @param {State} state
   * @param {boolean} modal
   * @param {unknown} news what is said here while nothing else of the page can be reached
   */
  sidebar(state, modal, news) {
    return html`<div id="sidebar" class="sidebar" data-open=${this.drawer} aria-label=${say("All conversations")} role=${modal ? "dialog" : "complementary"}
      aria-modal=${modal ? "true" : nothing} ?inert=${this.narrow && !this.drawer} @keydown=${this.keyed}>
      <div class="brand">${markIcon}<span>${this.site}</span>
        <button type="button" class="icon-button drawer-close" aria-label=${say("Close the list")} @click=${this.close}>${closeIcon}</button>
        <button type="button" class="icon-button sidebar-hide" aria-label=${say("Hide the list")} title=${say("Hide the list")} @click=${() => this.commands.perform("sidebar")}>${sidebarIcon}</button>
      </div>
      <conversation-list .list=${state.list} .current=${state.open.id} .running=${this.runningIn(state)} .ready=${state.ready}></conversation-list>
      ${news}
      <sidebar-foot .theme=${state.device.theme}></sidebar-foot>
    </div>`;
  }

  /** @param {State} state */
  header(state) {
    return html`<header class="bar">
      <button type="button" class="icon-button drawer-open" aria-label=${say("Show all conversations")} aria-expanded=${this.narrow ? this.drawer : state.device.sidebar === "shown"} aria-controls="sidebar" @click=${() => this.commands.perform("sidebar")}>${menuIcon}</button>
      <h1 dir="auto">${heading(state.open)}</h1>
      ${this.shareButton(state)}${this.privateButton(state)}
      ${this.optionsButton(state)}
      <button type="button" class="icon-button bar-new" aria-label=${say("New conversation")} @click=${() => this.emit("conversation-new", null)}>${newIcon}</button>
    </header>`;
  }

  /** @param {State} state */
  shareButton({ open: { id, status }, shares }) {
    if (id === null || status === "missing" || status === "failed" || isPrivate(id)) return nothing;
    return html`<share-button .conversation=${id} .shares=${shares.items}></share-button>`;
  }

  /** @param {State} state a new conversation can be private as long as it is new */
  privateButton({ open: { id, view } }) {
    if (id !== null) return nothing;
    return html`<button type="button" class="icon-button bar-private" aria-pressed=${isPrivate(view)} aria-label=${say("Private conversation")} title=${say("Private conversation")}
      @click=${() => this.commands.perform("private")}>${privateIcon}</button>`;
  }

  /** @param {State} state */
  optionsButton(state) {
    if (state.open.status === "missing" || state.open.status === "failed") return nothing;
    const set = anySet(optionsHere(state));
    const label = set ? say("Options (some are set)") : say("Options");
    return html`<button type="button" class="icon-button bar-options" data-set=${set} aria-label=${label} title=${label} aria-haspopup="dialog"
      @click=${() => this.emit("options-open", null)}>${optionsIcon}</button>`;
  }

  /**
   * @param {State} state
   * @param {readonly Shown[]} shown
   */
  middle(state, shown) {
    const waiting = questionsToShow(state);
    if (state.open.status === "missing") return remark(missing(noticeHere(state)), () => this.emit("conversation-new", null));
    if (state.open.status === "failed") return remark(FAILED, () => this.emit("conversation-reload", null));
    if (!shown.length && !waiting.length && state.open.status !== "loading") return html`<chat-welcome .guide=${onlyGuide(state)} .words=${this.dataset["welcome"]} @draft-change=${this.toComposer}></chat-welcome>`;
    if (!this.complete || (!shown.length && !waiting.length)) return messagesToCome();
    const requests = waitingInView(state);
    return html`<message-list .shown=${shown} .waiting=${waiting} .requests=${requests} .view=${state.open.view}
      .busy=${runningHere(state) !== null || requests.length > 0} .offline=${state.mode === "offline"}
      .editing=${state.editing} .edited=${edited(state)} .models=${state.models} .device=${state.device} .query=${state.list.query} @quote=${this.quoted}></message-list>`;
  }

  /** @param {State} state */
  composer(state) {
    if (state.open.status === "missing") return nothing;
    const running = runningHere(state);
    // `live`, because the composer shows each key at once: typed and sent within one frame, its text has to go as well.
    const here = heldHere(state);
    return html`<chat-composer .open=${state.open} .text=${live(state.drafts[draftKey(state.open)] ?? "")} .notice=${noticeHere(state)}
      .limits=${state.limits} .running=${running?.id ?? null}
      .stopping=${running !== null && state.stopping.has(running.id)} .pending=${waitingInView(state).length > 0} .begins=${state.open.id === null}
      .models=${state.models} .model=${chosenModel(state)} .files=${attachedTo(state, draftKey(state.open))}
      .held=${here?.held ?? null} .prospect=${here?.prospect ?? null} .preferences=${state.preferences} .device=${state.device}
      .lastQuestion=${this.lastQuestion(state)} .later=${this.later}></chat-composer>`;
  }

  /**
   * @param {State} state
   * @returns {string | null} the question that is rewritten by ↑ in the empty composer
   */
  lastQuestion({ messages, leaf }) {
    return this.branch(messages, leaf).findLast(({ message }) => message.role === "user")?.message.id ?? null;
  }

  get takesFiles() {
    const { limits } = this.state;
    return limits && limits.attachment_bytes > 0 && !isPrivate(this.state.open.view);
  }

  /** @param {State} state */
  runningIn(state) {
    const now = new Set(state.running.values());
    // The same set as long as it holds the same: the list is not drawn again for every delta.
    if (now.size !== this.lastRunning.size || [...now].some((id) => !this.lastRunning.has(id))) this.lastRunning = now;
    return this.lastRunning;
  }

  /** @override */
  willUpdate() {
    if (!this.later) return;
    const newest = this.branch(this.state.messages, this.state.leaf).at(-1)?.message;
    const answer = newest && isAnswer(newest) ? newest : null;
    const { open, device } = this.state;
    const { heard, say } = this.later.announce(this.heard, { view: open.view, answer, spoken: device.spoken }, performance.now());
    this.heard = heard;
    if (say) this.said = say;
  }

  /** @override */
  updated() {
    const title = tabTitle(this.state, runningHere(this.state) !== null, this.site);
    // Said again, the same title would be a change of the page, after which Chromium's form filling looks through all of it.
    if (title !== document.title) document.title = title;
    showReady(this.state.ready.size > 0);
  }

  /** @param {Later} later it is there now */
  arrived(later) {
    this.later = later;
    this.commands.arrived(later);
  }

  /**
   * Says something on the page for a moment, to the eyes and to the ears.
   * @param {string} words
   */
  tell(words) {
    this.note = words;
    setTimeout(() => this.note === words && (this.note = ""), NOTE_MS);
  }
}

customElements.define("parley-app", ParleyApp);
