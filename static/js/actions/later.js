/** The handlers of what only those elements ask for that are loaded later. */

import { dialogActions } from "./dialogs.js";
import { heldActions } from "./held.js";
import { placingActions } from "./placing.js";
import { privateActions } from "./private.js";
import { sharingActions } from "./sharing.js";

/** @import {Parts} from "../actions.js" */

/** @param {Parts} parts */
export function laterActions(parts) {
  return { ...placingActions(parts), ...heldActions(parts), ...dialogActions(parts), ...privateActions(parts), ...sharingActions(parts) };
}
