/** `<share-dialog>`: handing a conversation to others by a link, step by step, and the links there are. */

import { html, nothing } from "../../vendor/lit.js";
import { ApiError } from "../api.js";
import { say } from "../say.js";
import { openShares } from "../sharing.js";
import { draftFor, readSubject, subjectInView, withFiles } from "../sharing-subject.js";
import { problemWords } from "../sharing-words.js";
import { initialState } from "../state.js";
import { closeIcon } from "./icons.js";
import { ModalElement } from "./modal-element.js";
import "./share-changes.js";
import "./share-check.js";
import "./share-form.js";
import "./share-link.js";
import "./shares-list.js";

/** @import {ShareDraft} from "../sharing-draft.js" */
/** @import {Share} from "../sharing.js" */
/** @import {Subject} from "../sharing-subject.js" */
/** @import {State} from "../state.js" */

/** @typedef {"list" | "form" | "check" | "link" | "change"} View */

const SAID_MS = 4_000;
/** Where each step begins. @type {Record<View, string>} */
const FIRST = { list: "#share-title", form: "input[type=radio]:checked", check: "#share-title", link: "[data-action=copy]", change: "#share-title" };

/** The dialog. */
export class ShareDialog extends ModalElement {
  /** @override */
  static properties = {
    ...ModalElement.properties,
    page: { attribute: false },
    view: { state: true },
    draft: { state: true },
    subject: { state: true },
    problem: { state: true },
    chosen: { state: true },
    password: { state: true },
    said: { state: true },
  };

  constructor() {
    super("share");
    /** @type {State} */
    this.page = initialState();
    /** @type {View} */
    this.view = "list";
    /** @type {ShareDraft | null} what was filled in; it outlives a dialog that was closed too early */
    this.draft = null;
    /** @type {Subject | null} */
    this.subject = null;
    /** @type {string | null} why the conversation could not be read */
    this.problem = null;
    /** @type {Share | null} the link that is shown or changed */
    this.chosen = null;
    this.password = "";
    /** What was done, for the ears as well. */
    this.said = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
  }

  /** @returns {string | null} the conversation that the dialog is about; null when it is about all links */
  get subjectId() {
    return this.page.shares.of;
  }

  /** @returns {readonly Share[]} the links that the dialog is about */
  get shares() {
    const of = this.subjectId;
    return (this.page.shares.items ?? []).filter(({ conversation }) => of === null || conversation === of);
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    if (!changes.has("open") || !this.open) return;
    const { items, of } = this.page.shares;
    this.said = "";
    this.view = of === null || openShares(items, of).length ? "list" : "form";
    if (of !== null) void this.begin(of);
    void this.focusFirst();
  }

  /** @param {string} id the conversation to share */
  async begin(id) {
    this.subject = null;
    this.problem = null;
    try {
      const subject = subjectInView(this.page, id) ?? (await readSubject(id));
      if (this.subjectId !== id) return;
      this.subject = subject;
      this.draft = draftFor(id, subject, this.draft);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemWords(error);
    }
  }

  /** @override */
  render() {
    return html`<dialog class="dialog sheet share" aria-labelledby="share-title" @close=${this.closed} @click=${this.clicked} @cancel=${this.cancelled}>
      ${this.open ? this.content() : nothing}
    </dialog>`;
  }

  content() {
    return html`<div class="dialog-body">
      <header class="dialog-head">
        <h2 id="share-title" tabindex="-1">${this.heading()}</h2>
        <button type="button" class="icon-button" aria-label=${say("Close")} @click=${() => this.dialog?.close()}>${closeIcon}</button>
      </header>
      <div role="status">${this.page.mode === "offline" ? html`<p class="share-offline">${say("You are not connected. What you fill in stays here; links can be made and ended when the connection is back.")}</p>` : nothing}</div>
      ${this.step()}
      <p class="visually-hidden" role="status">${this.said}</p>
    </div>`;
  }

  heading() {
    switch (this.view) {
      case "list":
        return this.subjectId === null ? say("My shared links") : say("Links to this conversation");
      case "form":
        return say("Share this conversation");
      case "check":
        return say("Before it is shared");
      case "link":
        return this.password || this.chosen?.views === 0 ? say("The link is ready") : say("Shared link");
      case "change":
        return say("Change the link");
    }
  }

  step() {
    const { subject, draft, chosen } = this;
    if (this.view === "list") return this.list();
    if (this.view === "link") return html`<share-link .share=${this.fresh(chosen)} .password=${this.password} .tell=${this.tell} .onList=${this.toList} .onDone=${this.close}></share-link>`;
    if (this.view === "change") return html`<share-changes .share=${chosen} .onSaved=${this.saved} .onBack=${this.toList}></share-changes>`;
    if (!subject || !draft) return this.waiting();
    if (this.view === "check") {
      return html`<share-check .draft=${draft} .messages=${subject.messages} .files=${withFiles(draft, subject)} .onBack=${this.toForm} .onMade=${this.made}></share-check>`;
    }
    return html`<share-form .draft=${draft} .shown=${subject.shown} .plainTitle=${subject.title} .onChange=${this.drafted} .onNext=${this.toCheck} .onCancel=${this.leaveForm}></share-form>`;
  }

  waiting() {
    if (this.problem === null) return html`<p class="dialog-about" role="status">${say("Reading the conversation…")}</p>`;
    return html`<p class="dialog-problem" role="alert">${this.problem}</p>
      <div class="dialog-actions"><button type="button" class="button" @click=${this.retry}>${say("Try again")}</button></div>`;
  }

  list() {
    const { items, of, problem } = this.page.shares;
    const { shares } = this;
    return html`${of === null ? nothing : html`<p class="dialog-about" dir="auto">${this.subject?.title || shares[0]?.conversation_title}</p>`}
      ${shares.length
        ? html`<shares-list .shares=${shares} .titled=${of === null} .tell=${this.tell} .onShow=${(/** @type {Share} */ share) => this.show(share)} .onChange=${this.alter}
            .onEmpty=${() => void this.focusFirst()}></shares-list>`
        : html`<p class="dialog-about">${items === null ? (problem ? "" : say("Reading the links…")) : say("None yet. “Share…” in the menu of a conversation makes one.")}</p>`}
      ${problem ? html`<p class="dialog-problem" role="alert">${problem} ${items ? say("What is shown may be old.") : ""}</p>` : nothing}
      <div class="dialog-actions">
        ${problem ? html`<button type="button" class="quiet-button" data-action="reread" @click=${() => this.emit("shares-read", null)}>${say("Try again")}</button>` : nothing}
        ${of === null ? nothing : html`<button type="button" class="button" data-action="new" @click=${this.toForm}>${say("New link")}</button>`}
      </div>`;
  }

  /**
   * @param {Share | null} share
   * @returns {Share | null} as the list has it by now
   */
  fresh(share) {
    return this.page.shares.items?.find(({ id }) => id === share?.id) ?? share;
  }

  drafted = (/** @type {ShareDraft} */ draft) => (this.draft = draft);
  close = () => this.dialog?.close();
  retry = () => this.subjectId !== null && void this.begin(this.subjectId);
  toList = () => this.go("list");
  toForm = () => this.go("form");
  toCheck = () => this.go("check");
  leaveForm = () => (this.shares.length ? this.go("list") : this.close());

  made = (/** @type {Share} */ share) => {
    const password = this.draft?.limits.password ?? "";
    this.draft = null;
    this.emit("share-changed", { share });
    this.show(share, password);
    this.tell(say("The link is ready."));
    if (this.subjectId !== null) void this.begin(this.subjectId); // for another one
  };

  show = (/** @type {Share} */ share, password = "") => {
    this.chosen = share;
    this.password = password;
    this.go("link");
  };

  alter = (/** @type {Share} */ share) => {
    this.chosen = share;
    this.go("change");
  };

  saved = (/** @type {Share} */ share, /** @type {string} */ password) => {
    this.emit("share-changed", { share });
    this.tell(say("Saved."));
    if (password) this.show(share, password);
    else this.go("list");
  };

  /**
   * Says what was done to those who do not see it.
   * @param {string} words
   */
  tell = (words) => {
    this.said = words;
    clearTimeout(this.timer);
    this.timer = setTimeout(() => (this.said = ""), SAID_MS);
  };

  /** @param {View} view */
  go(view) {
    this.view = view;
    if (this.dialog) this.dialog.scrollTop = 0;
    void this.focusFirst();
  }

  /** Each step begins where it is read or done. */
  async focusFirst() {
    await this.updateComplete;
    await new Promise(requestAnimationFrame); // the elements inside have drawn themselves by then
    const first = this.querySelector(FIRST[this.view]) ?? this.querySelector("#share-title");
    if (first instanceof HTMLElement) first.focus();
  }

  /** Escape leaves the innermost step, and the dialog only from there. @param {Event} event */
  cancelled(event) {
    if (this.view !== "check" && this.view !== "change") return;
    event.preventDefault();
    this.go(this.view === "check" ? "form" : "list");
  }

  /** @override */
  get unsaved() {
    return this.view === "change";
  }
}

customElements.define("share-dialog", ShareDialog);
