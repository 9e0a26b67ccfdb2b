/** What the reader does, turned into events of the store and requests to the server: a handler for each event of the elements. */

import { conversationActions } from "./actions/conversations.js";
import { shellActions } from "./actions/shell.js";
import { turnActions } from "./actions/turn.js";
import { writingActions } from "./actions/writing.js";

/** @import {Attaching} from "./attaching.js" */
/** @import {AppEvents} from "./elements/light-element.js" */
/** @import {Loading} from "./loading.js" */
/** @import {Store} from "./store.js" */

/** @typedef {{[K in keyof AppEvents]: (detail: AppEvents[K]) => void}} Handlers */
/**
 * @template {keyof AppEvents} K
 * @typedef {Pick<Handlers, K>} Some
 */
/** @typedef {{store: Store, loading: Loading, attaching: Attaching}} Parts what the actions act on */

/**
 * @param {Parts} parts
 * @returns {Omit<Handlers, keyof ReturnType<typeof import("./actions/later.js").laterActions>>} all but those that come later
 */
export function actions(parts) {
  return { ...conversationActions(parts), ...turnActions(parts), ...writingActions(parts), ...shellActions(parts) };
}
