/** The tokens of a leaf's text, between reading it and making its tree. No DOM, no I/O. */

/** @import {TreeNode} from "./nodes.js" */

/**
 * Text as it will be shown.
 * @typedef {object} TextToken
 * @property {"text"} type
 * @property {number} start where it begins in the source
 * @property {string} text
 * @property {boolean} literal whether the text is the source, character by character
 */
/**
 * A run of `*`, `_` or `~`.
 * @typedef {object} RunToken
 * @property {"run"} type
 * @property {number} start
 * @property {string} mark
 * @property {number} length as written
 * @property {number} left characters that mean nothing so far
 * @property {boolean} opens
 * @property {boolean} closes
 * @property {RunTag[]} ends what it closes, in order
 * @property {RunTag[]} begins what it opens, the innermost first
 * @property {RunToken | null} before the neighbours among those that may still match
 * @property {RunToken | null} after
 */
/** @typedef {"em" | "strong" | "s"} RunTag */
/** @typedef {{href: string, title: string, pending?: boolean}} LinkTarget `pending` while its address is not known */
/**
 * `[` or `![`.
 * @typedef {object} OpenToken
 * @property {"open"} type
 * @property {number} start
 * @property {boolean} image
 * @property {LinkTarget | null} target what it opens, when it turned out to be a link or an image
 * @property {number} close the index of its closing token; Infinity while it is missing
 */
/**
 * The `]` of a link or an image.
 * @typedef {{type: "close", start: number}} CloseToken
 */
/**
 * An address that is a link by itself.
 * @typedef {{type: "address", start: number, href: string, text: string}} AddressToken
 */
/** @typedef {{type: "node", start: number, node: TreeNode}} NodeToken */
/** @typedef {TextToken | RunToken | OpenToken | CloseToken | AddressToken | NodeToken} Token */

export {};
