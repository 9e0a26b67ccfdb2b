/** `<sidebar-foot>`: below the list: the settings, the keys and the theme. */

import { html } from "../../vendor/lit.js";
import { keysIcon, settingsIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";
import { themeSwitch } from "./theme-switch.js";

/** @import {Device} from "../device.js" */

/** The foot. */
export class SidebarFoot extends LightElement {
  /** @override */
  static properties = { theme: { attribute: false } };

  constructor() {
    super();
    /** @type {Device["theme"]} */
    this.theme = "system";
  }

  /** @override */
  render() {
    return html`
      <button type="button" class="icon-button" aria-label="Settings" title="Settings" aria-haspopup="dialog" @click=${() => this.emit("dialog-open", { dialog: "settings" })}>${settingsIcon}</button>
      <button type="button" class="icon-button foot-keys" aria-label="Keyboard shortcuts" title="Keyboard shortcuts (?)" aria-haspopup="dialog"
        @click=${() => this.emit("dialog-open", { dialog: "shortcuts" })}>${keysIcon}</button>
      ${themeSwitch(this.theme, "foot", (theme) => this.emit("device-change", { theme }))}
    `;
  }
}

customElements.define("sidebar-foot", SidebarFoot);
