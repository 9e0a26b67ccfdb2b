/** `<handoff-dialog>`: a code that another device scans to go on with this conversation. Loaded when it is first asked for. */

import { html, nothing } from "../../vendor/lit.js";
import { ApiError, request, understood } from "../api.js";
import { pathOf } from "../navigation.js";
import { number, record, text } from "../reading.js";
import { say, sayParts } from "../say.js";
import { closeIcon } from "./icons.js";
import { ModalElement } from "./modal-element.js";
import "./my-data-styles.js";

/** @import {ParleyApp} from "./parley-app.js" */

/** @typedef {{url: string, svg: string, until_ms: number, reachable: boolean}} Code `until_ms` by this page's own clock */

const SECOND_MS = 1_000;
/** A code lasts so long; by this page's own clock, because the server's may differ. */
const LASTS_MS = 120_000;
/** Every so many seconds it is asked whether the code was used. */
const LOOK_S = 2;

/** The dialog. */
export class HandoffDialog extends ModalElement {
  /** @override */
  static properties = {
    ...ModalElement.properties,
    code: { state: true },
    problem: { state: true },
    left_s: { state: true },
    used: { state: true },
  };

  constructor() {
    super("handoff");
    /** @type {string | null} the conversation that goes on; null: none in particular */
    this.conversation = null;
    /** @type {Code | null} */
    this.code = null;
    this.problem = "";
    this.left_s = 0;
    /** Whether the other device has come. */
    this.used = false;
    /** @type {ReturnType<typeof setInterval> | undefined} */
    this.ticking = undefined;
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearInterval(this.ticking);
  }

  /** Asks for a code, or for another one in its place. */
  async begin() {
    clearInterval(this.ticking);
    this.problem = "";
    this.used = false;
    try {
      this.code = await newCode(this.conversation);
      this.tick();
      this.ticking = setInterval(() => this.tick(), SECOND_MS);
    } catch (error) {
      if (!(error instanceof ApiError)) throw error;
      this.code = null;
      this.problem = error.problem.message;
    }
  }

  tick() {
    this.left_s = Math.max(0, Math.ceil(((this.code?.until_ms ?? 0) - Date.now()) / SECOND_MS));
    if (this.left_s === 0) clearInterval(this.ticking);
    else if (this.left_s % LOOK_S === 0) void this.look();
  }

  /** Whether the other device has come: its code leads nowhere then. */
  async look() {
    const { code } = this;
    if (!code || !(await isUsed(code)) || this.code !== code) return;
    clearInterval(this.ticking);
    this.used = this.left_s > 0;
  }

  /** @override */
  render() {
    return html`<dialog class="dialog sheet handoff" aria-labelledby="handoff-title" @close=${this.closed} @click=${this.clicked}>
      <div class="dialog-body">
        <header class="dialog-head">
          <h2 id="handoff-title">${say("Go on on your phone")}</h2>
          <button type="button" class="icon-button" aria-label=${say("Close")} @click=${() => this.dialog?.close()}>${closeIcon}</button>
        </header>
        ${this.content()}
      </div>
    </dialog>`;
  }

  content() {
    const { code, problem, used, left_s } = this;
    if (problem) return html`<p class="dialog-problem" role="alert">${problem}</p>${this.again(say("Try again"))}`;
    if (!code) return html`<p role="status">${say("One moment…")}</p>`;
    if (used) return html`<p class="handoff-state" role="status">${say("Your other device is there. Both show the same conversations from now on.")}</p>${this.again(say("Another device"))}`;
    if (left_s === 0) return html`<p class="handoff-state" role="status">${say("This code is too old now.")}</p>${this.again(say("New code"))}`;
    return html`
      <p>${say("Scan this with the camera of your phone or tablet. An answer that is being written goes on there, too.")}</p>
      <img class="handoff-code" src=${`data:image/svg+xml,${encodeURIComponent(code.svg)}`} alt=${say("QR code with the address below")} />
      <p class="handoff-address"><a href=${code.url} rel="noopener" target="_blank">${code.url}</a></p>
      <p class="setting-about">${sayParts("It works once, within {time}. Whoever has it can read and write all of your conversations here: show it to nobody else.", {
        time: html`<span class="handoff-left" role="timer">${clock(left_s)}</span>`,
      })}</p>
      ${code.reachable ? nothing : this.unreachable()}`;
  }

  unreachable() {
    return html`<p class="dialog-problem">${say("Only this machine can open this address. Start the server with HOST=0.0.0.0, or set PUBLIC_URL to the address that other devices know.")}</p>`;
  }

  /** @param {string} words */
  again(words) {
    return html`<p><button type="button" class="button" @click=${this.begin}>${words}</button></p>`;
  }
}

/** @param {number} seconds */
const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, "0")}`;

/**
 * @param {string | null} conversation
 * @returns {Promise<Code>} Rejects with an `ApiError`
 */
async function newCode(conversation) {
  const content = await request("POST", "/api/visitor/handoff", conversation === null ? {} : { conversation });
  return understood(() => {
    const raw = record(content);
    number(raw, "expires_at_ms");
    return { url: text(raw, "url"), svg: text(raw, "svg"), until_ms: Date.now() + LASTS_MS, reachable: raw.reachable !== false };
  });
}

/**
 * @param {Code} code
 * @returns {Promise<boolean>} false also when the server cannot be asked just now
 */
async function isUsed({ url }) {
  try {
    // At this page's own address: the code names the one that other devices know.
    const { status } = await fetch(new URL(url).pathname, { method: "HEAD", credentials: "omit" });
    return status === 404;
  } catch {
    return false;
  }
}

/**
 * Opens the dialog; it goes away when it is closed.
 * @param {ParleyApp} app
 * @param {string | null} conversation
 */
export function openHandoff(app, conversation) {
  const dialog = new HandoffDialog();
  dialog.conversation = conversation;
  dialog.addEventListener("dialog-close", (event) => {
    event.stopPropagation();
    dialog.remove();
    if (conversation === null || location.pathname === pathOf(conversation)) void app.toComposer();
  });
  app.append(dialog);
  dialog.open = true;
  void dialog.begin();
}

customElements.define("handoff-dialog", HandoffDialog);
