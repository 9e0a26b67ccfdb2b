/** `<connection-notice>`: a quiet word when the connection is not as it should be. It lies over the list and moves nothing. */

import { html, nothing } from "../../vendor/lit.js";
import { LightElement } from "./light-element.js";

/** @import {Mode} from "../state.js" */

/** @type {Record<Mode, string>} */
const WORDS = {
  connecting: "",
  socket: "",
  offline: "Reconnecting… your text is safe.",
  http: "Live connection is blocked here; using plain HTTP instead.",
};

/** The notice. */
export class ConnectionNotice extends LightElement {
  /** @override */
  static properties = { mode: { attribute: false } };

  constructor() {
    super();
    /** @type {Mode} */
    this.mode = "connecting";
  }

  /** @override */
  render() {
    const words = WORDS[this.mode];
    return html`<div role="status">${words ? html`<p class="connection" data-mode=${this.mode}>${words}</p>` : nothing}</div>`;
  }
}

customElements.define("connection-notice", ConnectionNotice);
