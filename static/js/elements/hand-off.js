/** Going on on another device, wherever it is asked for. What it needs is loaded then. */

import { say } from "../say.js";
import { ParleyApp } from "./parley-app.js";

/**
 * @param {Element | null} app the page
 * @param {string | null} conversation the one that goes on; null: none in particular
 */
export async function handOff(app, conversation) {
  if (!(app instanceof ParleyApp)) return;
  try {
    const { openHandoff } = await import("./handoff-dialog.js");
    openHandoff(app, conversation);
  } catch {
    app.tell(say("This part of the page could not be loaded. Try again."));
  }
}
