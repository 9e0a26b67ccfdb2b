/** The choice of the theme: three radio buttons drawn as one switch. */

import { html } from "../../vendor/lit.js";
import { say } from "../say.js";
import { darkIcon, lightIcon, systemIcon } from "./later-icons.js";

/** @import {Device} from "../device.js" */

const THEMES = /** @type {const} */ ([
  { theme: "system", name: say("As the system"), icon: systemIcon },
  { theme: "light", name: say("Light"), icon: lightIcon },
  { theme: "dark", name: say("Dark"), icon: darkIcon },
]);

/**
 * @param {Device["theme"]} chosen
 * @param {string} place tells this switch from another one on the page
 * @param {(theme: Device["theme"]) => void} choose
 */
export function themeSwitch(chosen, place, choose) {
  return html`<div class="switch" role="radiogroup" aria-label=${say("Theme")}>
    ${THEMES.map(({ theme, name, icon }) => html`<label title=${name}>
      <input type="radio" class="visually-hidden" name=${`theme-${place}`} value=${theme} .checked=${theme === chosen} aria-label=${name} @change=${() => choose(theme)} />
      ${icon}
    </label>`)}
  </div>`;
}
