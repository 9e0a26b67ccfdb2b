/** `<shortcuts-dialog>`: the sheet of the page's keys. */

import { html, nothing } from "../../vendor/lit.js";
import { caps } from "../key-names.js";
import { say } from "../say.js";
import { SHORTCUTS } from "../shortcuts.js";
import { closeIcon } from "./icons.js";
import { keyCaps, MAC } from "./key-caps.js";
import { ModalElement } from "./modal-element.js";

const PARTS = /** @type {const} */ ([
  { where: "everywhere", name: say("Everywhere") },
  { where: "writing", name: say("While you write") },
]);

/** The sheet. */
export class ShortcutsDialog extends ModalElement {
  constructor() {
    super("shortcuts");
  }

  /** @override */
  render() {
    return html`<dialog class="dialog sheet" aria-labelledby="shortcuts-title" @close=${this.closed} @click=${this.clicked}>
      ${this.open ? this.content() : nothing}
    </dialog>`;
  }

  content() {
    return html`<div class="dialog-body">
      <header class="dialog-head">
        <h2 id="shortcuts-title">${say("Keyboard shortcuts")}</h2>
        <button type="button" class="icon-button" aria-label=${say("Close")} @click=${() => this.dialog?.close()}>${closeIcon}</button>
      </header>
      ${PARTS.map(({ where, name }) => html`<section aria-label=${name}>
        <h3>${name}</h3>
        <dl class="shortcuts">
          ${SHORTCUTS.filter((one) => one.where === where).map(({ keys, what }) => html`<div><dt>${what}</dt><dd>${keyCaps(caps(keys, MAC))}</dd></div>`)}
        </dl>
      </section>`)}
    </div>`;
  }
}

customElements.define("shortcuts-dialog", ShortcutsDialog);
