/** What stands where the messages will be while they, or the script that shows them, are loaded. */

import { html } from "../../vendor/lit.js";
import { say } from "../say.js";

export function messagesToCome() {
  return html`<div class="to-come" role="status" aria-label=${say("Loading the conversation")}>
    <span class="to-come-question"></span><span></span><span></span><span></span><span></span>
  </div>`;
}
