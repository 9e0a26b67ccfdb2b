/** `<parley-app>`: the whole page, drawn from one state. What the reader does bubbles up through it as events. */

import { html, live, nothing } from "../../vendor/lit.js";
import { isAnswer } from "../objects.js";
import { anySet } from "../options.js";
import { draftKey, initialState } from "../state.js";
import { attachedTo } from "../state/attached.js";
import { chosenModel, optionsHere, questionsToShow, rememberedBranch, runningHere, waitingInView } from "../state/view.js";
import { announcement } from "./announcements.js";
import { ChatComposer } from "./chat-composer.js";
import "./chat-welcome.js";
import "./connection-notice.js";
import "./conversation-list.js";
import { watchDrops } from "./file-drop.js";
import { closeIcon, markIcon, menuIcon, newIcon, optionsIcon } from "./icons.js";
import { LightElement } from "./light-element.js";
import "./message-list.js";
import "./options-dialog.js";
import { FAILED, MISSING, remark } from "./page-remark.js";

/** @import {Answer} from "../objects.js" */
/** @import {State} from "../state.js" */
/** @import {Shown} from "../state/tree.js" */

/** Below this width the list is a drawer; the style sheet says the same. */
const NARROW = "(max-width: 52rem)";

/** The page. */
export class ParleyApp extends LightElement {
  /** @override */
  static properties = {
    state: { attribute: false },
    site: { type: String },
    drawer: { state: true },
    narrow: { state: true },
    said: { state: true },
    dropping: { state: true },
  };

  constructor() {
    super();
    /** @type {State} */
    this.state = initialState();
    this.site = "Parley";
    /** Whether the drawer is open, where there is one. */
    this.drawer = false;
    this.narrow = false;
    /** What the live region says. */
    this.said = "";
    /** Whether files hang over the page. */
    this.dropping = false;
    /** @type {AbortController | null} */
    this.drops = null;
    this.branch = rememberedBranch();
    /** @type {Answer | null} the newest answer at the last rendering */
    this.lastAnswer = null;
    this.lastView = "";
    /** @type {ReadonlySet<string>} */
    this.lastRunning = new Set();
    this.width = matchMedia(NARROW);
    this.measured = () => (this.narrow = this.width.matches);
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    this.measured();
    this.width.addEventListener("change", this.measured);
    for (const name of ["conversation-open", "conversation-new"]) this.addEventListener(name, this.moved);
    this.drops = watchDrops({
      welcome: () => this.takesFiles === true && this.state.panel === null && this.state.open.status !== "missing",
      onOver: (over) => (this.dropping = over),
      onDrop: (files) => this.emit("files-add", { files }),
    });
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.width.removeEventListener("change", this.measured);
    this.drops?.abort();
  }

  /** @override */
  render() {
    const { state } = this;
    const shown = this.branch(state.messages, state.leaf);
    const modal = this.narrow && this.drawer;
    return html`
      ${state.open.status === "missing" ? nothing : html`<a class="skip-link" href="#question">Skip to the message field</a>`}
      ${this.sidebar(state, modal)}
      ${modal ? html`<div class="scrim" @click=${this.close}></div>` : nothing}
      <main class="page" ?inert=${modal}>
        ${this.header(state)}
        <div class="middle">
          ${this.middle(state, shown)}
          <connection-notice .mode=${state.mode}></connection-notice>
        </div>
        ${this.composer(state)}
        ${this.dropping ? html`<p class="drop-zone">Let go to attach</p>` : nothing}
      </main>
      <options-dialog .panel=${state.panel} .options=${optionsHere(state)}></options-dialog>
      <p class="visually-hidden" role="status" aria-live="polite">${this.said}</p>
    `;
  }

  /**
   * @param {State} state
   * @param {boolean} modal
   */
  sidebar(state, modal) {
    return html`<div id="sidebar" class="sidebar" data-open=${this.drawer} aria-label="All conversations" role=${modal ? "dialog" : "complementary"}
      aria-modal=${modal ? "true" : nothing} ?inert=${this.narrow && !this.drawer} @keydown=${this.keyed}>
      <div class="brand">${markIcon}<span>${this.site}</span>
        <button type="button" class="icon-button drawer-close" aria-label="Close the list" @click=${this.close}>${closeIcon}</button>
      </div>
      <conversation-list .list=${state.list} .current=${state.open.id} .running=${this.runningIn(state)}></conversation-list>
    </div>`;
  }

  /** @param {State} state */
  header(state) {
    return html`<header class="bar">
      <button type="button" class="icon-button drawer-open" aria-label="Show all conversations" aria-expanded=${this.drawer} aria-controls="sidebar" @click=${this.show}>${menuIcon}</button>
      <h1 dir="auto">${this.heading(state)}</h1>
      ${this.optionsButton(state)}
      <button type="button" class="icon-button bar-new" aria-label="New conversation" @click=${() => this.emit("conversation-new", null)}>${newIcon}</button>
    </header>`;
  }

  /** @param {State} state */
  optionsButton(state) {
    if (state.open.status === "missing" || state.open.status === "failed") return nothing;
    const set = anySet(optionsHere(state));
    const label = set ? "Options (some are set)" : "Options";
    return html`<button type="button" class="icon-button bar-options" data-set=${set} aria-label=${label} title=${label} aria-haspopup="dialog"
      @click=${() => this.emit("options-open", null)}>${optionsIcon}</button>`;
  }

  /** @param {State} state */
  heading({ open }) {
    if (open.status === "missing") return "Not here";
    return open.conversation?.title || "New conversation";
  }

  /**
   * @param {State} state
   * @param {readonly Shown[]} shown
   */
  middle(state, shown) {
    const waiting = questionsToShow(state);
    if (state.open.status === "missing") return remark(MISSING, () => this.emit("conversation-new", null));
    if (state.open.status === "failed") return remark(FAILED, () => this.emit("conversation-reload", null));
    if (!shown.length && !waiting.length) return state.open.status === "loading" ? nothing : html`<chat-welcome @draft-change=${this.toComposer}></chat-welcome>`;
    const requests = waitingInView(state);
    return html`<message-list .shown=${shown} .waiting=${waiting} .requests=${requests} .view=${state.open.view}
      .busy=${runningHere(state) !== null || requests.length > 0} .offline=${state.mode === "offline"}></message-list>`;
  }

  /** @param {State} state */
  composer(state) {
    if (state.open.status === "missing") return nothing;
    const running = runningHere(state);
    // `live`, because the composer shows each key at once: typed and sent within one frame, its text has to go as well.
    const notice = state.notice?.view === state.open.view ? state.notice.message : null;
    return html`<chat-composer .text=${live(state.drafts[draftKey(state.open)] ?? "")} .notice=${notice}
      .limit=${state.limits?.prompt_chars ?? Number.MAX_SAFE_INTEGER} .running=${running?.id ?? null}
      .stopping=${running !== null && state.stopping.has(running.id)} .pending=${waitingInView(state).length > 0}
      .models=${state.models} .model=${chosenModel(state)} .files=${attachedTo(state, draftKey(state.open))} .takesFiles=${this.takesFiles}></chat-composer>`;
  }

  get takesFiles() {
    const { limits } = this.state;
    return limits && limits.attachment_bytes > 0;
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
    const newest = this.branch(this.state.messages, this.state.leaf).at(-1)?.message;
    const answer = newest && isAnswer(newest) ? newest : null;
    const sameView = this.state.open.view === this.lastView;
    this.said = announcement(sameView ? this.lastAnswer : null, answer) || this.said;
    this.lastAnswer = answer;
    this.lastView = this.state.open.view;
  }

  /** @override */
  updated() {
    document.title = this.state.open.id === null ? this.site : `${this.heading(this.state)} · ${this.site}`;
  }

  /** @override */
  firstUpdated() {
    if (!this.narrow) void this.toComposer();
  }

  async toComposer() {
    const composer = this.querySelector("chat-composer");
    if (!(composer instanceof ChatComposer)) return;
    await composer.updateComplete;
    composer.focus();
  }

  /** Another conversation is in view: the drawer has done its work. */
  async moved() {
    if (this.drawer) this.close();
    await new Promise(requestAnimationFrame);
    // On a phone the focus would raise the keyboard over what the reader came to read.
    if (!this.narrow) void this.toComposer();
  }

  async show() {
    this.drawer = true;
    await this.updateComplete;
    this.focusOn(".drawer-close");
  }

  async close() {
    this.drawer = false;
    await this.updateComplete;
    this.focusOn(".drawer-open");
  }

  /** @param {string} selector */
  focusOn(selector) {
    const element = this.querySelector(selector);
    if (element instanceof HTMLElement) element.focus();
  }

  /** @param {KeyboardEvent} event */
  keyed({ key }) {
    if (key === "Escape" && this.narrow && this.drawer) void this.close();
  }
}

customElements.define("parley-app", ParleyApp);
