/** What the reader does with the page itself: its dialogs, and how it looks and behaves on this device. */

/** @import {Parts, Some} from "../actions.js" */

/**
 * @param {Parts} parts
 * @returns {Some<"dialog-open" | "dialog-close" | "device-change">}
 */
export function shellActions({ store }) {
  return {
    "dialog-open": ({ dialog }) => store.dispatch({ type: "dialog", dialog }),
    "dialog-close": ({ dialog }) => store.state.dialog === dialog && store.dispatch({ type: "dialog", dialog: null }),
    "device-change": (change) => store.dispatch({ type: "device", device: { ...store.state.device, ...change } }),
  };
}
