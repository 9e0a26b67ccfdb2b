/** `<share-check>`: the look at what would be shared, before the link exists: private things of well-known shapes, each kind masked by one click. */

import { html, nothing } from "../../vendor/lit.js";
import { ApiError } from "../api.js";
import { say, sayMany } from "../say.js";
import { MASK_KINDS } from "../sharing.js";
import { createShare, previewShare } from "../sharing-api.js";
import { newDraft, requestOf, selectionOf } from "../sharing-draft.js";
import { byKind } from "../sharing-findings.js";
import { maskWords, messagesWords, placeWords, problemWords } from "../sharing-words.js";
import { NO_MESSAGES } from "../state/tree.js";
import { LightElement } from "./light-element.js";

/** @import {ShareDraft} from "../sharing-draft.js" */
/** @import {Found, FoundKind} from "../sharing-findings.js" */
/** @import {MaskKind, Share} from "../sharing.js" */
/** @import {Messages} from "../state/tree.js" */

/** @typedef {{found: readonly FoundKind[], messages: number}} Preview */

/** So many places of a kind are shown at once. */
const PLACES = 8;

/** The second step. */
export class ShareCheck extends LightElement {
  /** @override */
  static properties = {
    draft: { attribute: false },
    messages: { attribute: false },
    files: { attribute: false },
    onBack: { attribute: false },
    onMade: { attribute: false },
    preview: { state: true },
    masked: { state: true },
    busy: { state: true },
    problem: { state: true },
  };

  constructor() {
    super();
    /** @type {ShareDraft} */
    this.draft = newDraft("", null, new Set());
    /** @type {Messages} of the conversation, as far as the page has them */
    this.messages = NO_MESSAGES;
    /** Whether files go with the messages. */
    this.files = false;
    this.onBack = () => {};
    /** @type {(share: Share) => void} */
    this.onMade = () => {};
    /** @type {Preview | null} null until the server has looked */
    this.preview = null;
    /** @type {ReadonlySet<MaskKind>} */
    this.masked = new Set();
    this.busy = false;
    /** @type {string | null} */
    this.problem = null;
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    void this.look();
  }

  /** @override */
  render() {
    const { preview } = this;
    return html`<div aria-busy=${this.busy}>${preview ? this.outcome(preview) : html`<p class="dialog-about" role="status">${this.problem ? "" : say("Looking for private details…")}</p>`}</div>
      <p class="dialog-problem" role="alert">${this.problem ?? ""}</p>
      <div class="dialog-actions">
        <button type="button" class="quiet-button" data-action="back" @click=${this.onBack}>${say("Back")}</button>
        ${preview
          ? html`<button type="button" class="button" data-action="create" aria-disabled=${this.busy} @click=${this.create}>${this.busy ? say("Creating…") : say("Create link")}</button>`
          : html`<button type="button" class="button" data-action="look" aria-disabled=${this.busy} @click=${this.look}>${this.busy ? say("Looking…") : say("Try again")}</button>`}
      </div>`;
  }

  /** @param {Preview} preview */
  outcome({ found, messages }) {
    const live = this.draft.kind === "live";
    const later = live ? MASK_KINDS.filter((kind) => !found.some((one) => one.kind === kind)) : [];
    return html`<p class="dialog-about">${say("{messages} would be shared.", { messages: messagesWords(messages) })} ${found.length
        ? say("These look private. What you mask is masked in the shared copy only. Only well-known shapes are found: read it once more yourself.")
        : say("Nothing private of well-known shapes was found. Read it once more yourself.")}
        ${live ? say("What comes later is masked in the same way; with a mask, readers get answers line by line instead of word by word.") : ""}
        ${this.files ? say("Attached files are shared as they are.") : ""}</p>
      ${found.map((one) => this.kind(one))}
      ${later.length ? html`<div class="share-later">${later.map((kind) => this.mask(kind, 0))}</div>` : nothing}`;
  }

  /** @param {FoundKind} found */
  kind({ kind, count, places }) {
    const more = places.length - PLACES;
    return html`<section class="share-found">
      ${this.mask(kind, count)}
      <ul class="share-places">
        ${places.slice(0, PLACES).map((place) => html`<li><span class="share-where">${placeWords(place)}</span> ${quotation(place)}</li>`)}
        ${more > 0 ? html`<li>${sayMany(more, "and {count} more", "and {count} more")}</li>` : nothing}
      </ul>
    </section>`;
  }

  /**
   * @param {MaskKind} kind
   * @param {number} count
   */
  mask(kind, count) {
    return html`<label class="share-check"><input type="checkbox" name=${`mask-${kind}`} .checked=${this.masked.has(kind)} @change=${() => this.toggle(kind)} />
      ${maskWords(kind, count)}</label>`;
  }

  /** @param {MaskKind} kind */
  toggle(kind) {
    const masked = new Set(this.masked);
    if (!masked.delete(kind)) masked.add(kind);
    this.masked = masked;
  }

  async look() {
    if (this.busy) return;
    await this.work(async () => {
      const { findings, messages } = await previewShare(selectionOf(this.draft));
      const found = byKind(findings, this.messages);
      this.masked = new Set(found.flatMap(({ kind }) => (kind === "key" ? [kind] : []))); // nobody means to share those
      this.preview = { found, messages };
    });
  }

  async create() {
    if (this.busy) return;
    await this.work(async () => {
      this.onMade(await createShare(requestOf(this.draft, this.masked, Date.now())));
    });
  }

  /** @param {() => Promise<void>} doing */
  async work(doing) {
    this.busy = true;
    this.problem = null;
    try {
      await doing();
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = problemWords(error);
    } finally {
      this.busy = false;
    }
  }
}

/** @param {Found} found */
function quotation({ before, text, after }) {
  return html`<q class="share-quote" dir="auto">${before}<mark>${text}</mark>${after}</q>`;
}

customElements.define("share-check", ShareCheck);
