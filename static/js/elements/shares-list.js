/** `<shares-list>`: the visitor's links, and what can be done with each: copied, moved on, changed, ended. */

import { html, nothing } from "../../vendor/lit.js";
import { ApiError } from "../api.js";
import { say } from "../say.js";
import { revokeShare, takeAgain } from "../sharing-api.js";
import { contentWords, messagesWords, problemWords, readersWords, stateWords, traitsOf, viewsWords } from "../sharing-words.js";
import { copyText } from "./clipboard.js";
import { LightElement } from "./light-element.js";

/** @import {Share} from "../sharing.js" */

const COPIED_MS = 1_600;

/** The list. */
export class SharesList extends LightElement {
  /** @override */
  static properties = {
    shares: { attribute: false },
    titled: { attribute: false },
    tell: { attribute: false },
    onShow: { attribute: false },
    onChange: { attribute: false },
    onEmpty: { attribute: false },
    asked: { state: true },
    copied: { state: true },
    busy: { state: true },
    problem: { state: true },
  };

  constructor() {
    super();
    /** @type {readonly Share[]} */
    this.shares = [];
    /** Whether each says of which conversation it is. */
    this.titled = false;
    /** @type {(words: string) => void} */
    this.tell = () => {};
    /** @type {(share: Share) => void} */
    this.onShow = () => {};
    /** @type {(share: Share) => void} */
    this.onChange = () => {};
    this.onEmpty = () => {};
    /** @type {string | null} the link that is about to be revoked */
    this.asked = null;
    /** @type {string | null} the link that was copied just now */
    this.copied = null;
    /** @type {string | null} the link that something is being done with */
    this.busy = null;
    /** @type {{share: string, words: string} | null} */
    this.problem = null;
  }

  /** @override */
  render() {
    const now_ms = Date.now();
    return html`<ul class="shares">${this.shares.map((share) => this.row(share, now_ms))}</ul>`;
  }

  /**
   * @param {Share} share
   * @param {number} now_ms
   */
  row(share, now_ms) {
    const { id, state } = share;
    const readers = readersWords(share.readers);
    return html`<li class="share-row" data-share=${id} data-state=${state} aria-busy=${this.busy === id}>
      ${this.titled || share.title !== share.conversation_title ? html`<p class="share-title" dir="auto">${share.title || share.conversation_title}</p>` : nothing}
      <p class="share-facts">${contentWords(share, now_ms)}</p>
      ${share.url ? nothing : html`<p class="share-facts">${say("The server has another secret key now: the link works, but cannot be shown any more.")}</p>`}
      <p class="share-facts">${[stateWords(share, now_ms), viewsWords(share, now_ms), ...traitsOf(share)].join(" · ")}${readers ? html` · <strong>${readers}</strong>` : nothing}</p>
      ${this.asked === id ? this.question(share) : this.buttons(share)}
      <p class="dialog-problem" role="alert">${this.problem?.share === id ? this.problem.words : ""}</p>
    </li>`;
  }

  /** @param {Share} share */
  buttons(share) {
    const { id, kind, state, url } = share;
    const open = state === "open";
    return html`<div class="share-buttons" role="group" aria-label=${say("What to do with this link")}>
      ${open
        ? html`${url ? html`${this.button("copy", this.copied === id ? say("Copied") : say("Copy"), () => void this.copy(share))} ${this.button("show", say("Show"), () => this.onShow(share))}` : nothing}
            ${kind === "snapshot" ? this.button("update", say("Update"), () => void this.moveOn(share), say("Moves the link on to what is there now")) : nothing}`
        : nothing}
      ${state === "revoked" ? nothing : this.button("change", say("Change…"), () => this.onChange(share))}
      ${open
        ? this.button("revoke", say("Revoke"), () => void this.ask(id))
        : this.button("remove", say("Remove from the list"), () => void this.takeOff(share))}
    </div>`;
  }

  /**
   * @param {string} action
   * @param {string} words
   * @param {() => void} act
   * @param {string} [about]
   */
  button(action, words, act, about) {
    return html`<button type="button" class="quiet-button outlined" data-action=${action} title=${about ?? nothing} @click=${act}>${words}</button>`;
  }

  /** @param {Share} share */
  question(share) {
    const words = say("Revoke this link? It leads nowhere from then on, for everybody who reads it now as well.");
    return html`<div class="deletion share-buttons" role="group" aria-label=${words} @keydown=${this.keyed}>
      <p>${words}</p>
      <button type="button" class="quiet-button danger" data-action="confirm" @click=${() => void this.revoke(share)}>${say("Revoke")}</button>
      <button type="button" class="quiet-button" data-action="keep" @click=${() => void this.keep()}>${say("Keep")}</button>
    </div>`;
  }

  /** Escape takes the question back, and leaves the dialog open. @param {KeyboardEvent} event */
  keyed(event) {
    if (event.key !== "Escape" || event.isComposing) return;
    event.preventDefault();
    event.stopPropagation();
    void this.keep();
  }

  /** @param {Share} share */
  async copy({ id, url }) {
    const worked = await copyText(url);
    this.problem = worked ? null : { share: id, words: say("The browser did not let the page copy. “Show” has the link to select.") };
    if (!worked) return;
    this.tell(say("Link copied."));
    this.copied = id;
    setTimeout(() => (this.copied = null), COPIED_MS);
  }

  /** @param {string} id */
  async ask(id) {
    this.asked = id;
    await this.focusOn(id, "confirm");
  }

  async keep() {
    const id = this.asked;
    this.asked = null;
    if (id !== null) await this.focusOn(id, "revoke");
  }

  /** @param {Share} share */
  async moveOn(share) {
    await this.work(share.id, async () => {
      const fresh = await takeAgain(share.id);
      this.emit("share-changed", { share: fresh });
      this.tell(say("Updated: readers see {messages} now.", { messages: messagesWords(fresh.messages) }));
    });
  }

  /** @param {Share} share */
  async revoke(share) {
    const ended = await this.work(share.id, async () => {
      const revoked = await revokeShare(share.id);
      this.emit("share-changed", { share: revoked ?? { ...share, state: "revoked", readers: 0 } });
      this.tell(say("Revoked. The link leads nowhere now."));
    });
    this.asked = null;
    await this.focusOn(share.id, ended ? "remove" : "revoke");
  }

  /** @param {Share} share one that has ended */
  async takeOff(share) {
    const at = this.shares.findIndex(({ id }) => id === share.id);
    const next = this.shares[at + 1] ?? this.shares[at - 1];
    const gone = await this.work(share.id, async () => {
      // The first ends it for good, the second takes it from the list; a revoked one has had the first.
      if (await revokeShare(share.id)) await revokeShare(share.id);
      this.emit("share-removed", { share: share.id });
      this.tell(say("Removed from the list."));
    });
    if (gone && next) await this.focusOn(next.id);
    else if (gone) this.onEmpty();
  }

  /**
   * @param {string} id
   * @param {() => Promise<void>} doing
   * @returns {Promise<boolean>} whether it worked
   */
  async work(id, doing) {
    if (this.busy !== null) return false;
    this.busy = id;
    this.problem = null;
    try {
      await doing();
      return true;
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.problem = { share: id, words: problemWords(error) };
      return false;
    } finally {
      this.busy = null;
    }
  }

  /**
   * @param {string} id
   * @param {string} [action] the first button when not said
   */
  async focusOn(id, action) {
    for (let frame = 0; frame < 3; frame += 1) await new Promise(requestAnimationFrame); // the list comes from above, painted a frame later
    await this.updateComplete;
    const button = this.querySelector(`[data-share="${CSS.escape(id)}"] button${action ? `[data-action=${action}]` : ""}`);
    if (button instanceof HTMLElement) button.focus();
  }
}

customElements.define("shares-list", SharesList);
