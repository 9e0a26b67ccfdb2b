/** `<connection-notice>`: a quiet word when the connection is not as it should be. It lies over the list and moves nothing. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
import { LightElement } from "./light-element.js";

/** @import {Mode} from "../state.js" */

/** A hiccup shorter than this was not shown, so its end is no news either. The style sheet waits as long. */
const HICCUP_MS = 600;
const RECOVERED_MS = 2_000;
/** Plain HTTP works: it is said once, and does not stand over the page for ever. */
const FALLBACK_MS = 12_000;

/** The notice. */
export class ConnectionNotice extends LightElement {
  /** @override */
  static properties = {
    mode: { attribute: false },
    note: { attribute: false },
    online: { state: true },
    recovered: { state: true },
    fallback: { state: true },
  };

  constructor() {
    super();
    /** @type {Mode} */
    this.mode = "connecting";
    /** Something else to say for a moment. */
    this.note = "";
    this.online = navigator.onLine;
    this.recovered = false;
    this.fallback = false;
    /** When the connection was lost; null while there is one. */
    this.lostAt = /** @type {number | null} */ (null);
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.timer = undefined;
    this.looked = () => (this.online = navigator.onLine);
  }

  /** @override */
  connectedCallback() {
    super.connectedCallback();
    for (const name of ["online", "offline"]) addEventListener(name, this.looked);
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    for (const name of ["online", "offline"]) removeEventListener(name, this.looked);
    clearTimeout(this.timer);
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} changes
   */
  willUpdate(changes) {
    if (!changes.has("mode")) return;
    clearTimeout(this.timer);
    const now = performance.now();
    this.recovered = this.mode === "socket" && this.lostAt !== null && now - this.lostAt > HICCUP_MS;
    this.fallback = this.mode === "http";
    this.lostAt = this.mode === "offline" ? (this.lostAt ?? now) : null;
    const shown_ms = this.recovered ? RECOVERED_MS : FALLBACK_MS;
    if (this.recovered || this.fallback) this.timer = setTimeout(() => (this.recovered = this.fallback = false), shown_ms);
  }

  /** @returns {string} */
  get words() {
    if (this.mode === "offline") return this.online ? say("Reconnecting… your text is safe.") : say("You are offline. What you send waits and goes out once.");
    if (this.note) return this.note;
    if (this.fallback) return say("Connected over plain HTTP: your network blocks live connections.");
    return this.recovered ? say("Connected again.") : "";
  }

  /** @override */
  render() {
    const { words } = this;
    return html`<div role="status">${words ? html`<p class="connection" data-mode=${this.mode}>${words}</p>` : nothing}</div>`;
  }
}

customElements.define("connection-notice", ConnectionNotice);
