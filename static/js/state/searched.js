/** What the server found for the words in the palette. Pure. */

/** @import {Conversation, Found} from "../objects.js" */

/** @typedef {{query: string, conversations: readonly Conversation[], found: ReadonlyMap<string, Found>}} Searched `query` is what it was found for */

/** @type {Searched} */
export const NOTHING_FOUND = { query: "", conversations: [], found: new Map() };
