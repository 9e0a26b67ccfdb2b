/** `<sidebar-foot>`: below the list: the settings, the keys and the theme. */

import { html, nothing } from "../../vendor/lit.js";
import { say } from "../say.js";
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
      <button type="button" class="icon-button" aria-label=${say("Settings")} title=${say("Settings")} aria-haspopup="dialog" @click=${() => this.emit("dialog-open", { dialog: "settings" })}>${settingsIcon}</button>
      <button type="button" class="icon-button foot-keys" aria-label=${say("Keyboard shortcuts")} title=${say("Keyboard shortcuts (?)")} aria-haspopup="dialog"
        @click=${() => this.emit("dialog-open", { dialog: "shortcuts" })}>${keysIcon}</button>
      ${themeSwitch(this.theme, "foot", (theme) => this.emit("device-change", { theme }))}
      ${this.links()}
    `;
  }

  /** What the owner of the site is bound to say. */
  links() {
    const app = this.closest("parley-app");
    const { imprint, privacy } = app instanceof HTMLElement ? app.dataset : {};
    if (!imprint && !privacy) return nothing;
    const link = (/** @type {string | undefined} */ address, /** @type {string} */ words) =>
      address ? html`<a href=${address} target="_blank" rel="noopener">${words}</a>` : nothing;
    return html`<p class="site-links">${link(imprint, say("Imprint"))} ${link(privacy, say("Privacy"))}</p>`;
  }
}

customElements.define("sidebar-foot", SidebarFoot);
