/** Which addresses may come out of an answer. No DOM, no I/O. */

import { textNode } from "./nodes.js";

/** @import {TreeNode} from "./nodes.js" */

/**
 * What becomes of addresses.
 * @typedef {object} Policy
 * @property {(address: string) => string | null} link the address of a link, or null when it may not be one
 * @property {(address: string, alt: string, title: string, insideLink: boolean) => TreeNode | null} picture
 */

const LINK_SCHEMES = new Set(["http:", "https:", "mailto:", "tel:"]);
const OWN_PICTURE = /^data:image\/(?:png|jpeg|gif|webp);base64,[a-z0-9+/=]+$/i;

/**
 * @param {string} address
 * @returns {URL | null}
 */
function parsed(address) {
  try {
    return new URL(address);
  } catch {
    return null;
  }
}

/**
 * The address of a link, or null when it may not be one.
 *
 * The URL parser decides, as it does in the browser: it ignores the control characters and white space that hide
 * a scheme from a pattern. Addresses without a scheme are refused as well: in an answer they would point into
 * this very site.
 * @param {string} address
 * @returns {string | null}
 */
export function allowedLink(address) {
  const url = parsed(address);
  return url && LINK_SCHEMES.has(url.protocol) ? url.href : null;
}

/** Files that were given to this site. Nothing else here is a picture, and asking for it might do something. */
const OWN_FILE = /^\/api\/attachments\/[\w-]+$/;

/**
 * A picture, or what stands for it: one elsewhere would tell that host who reads this.
 * @type {Policy["picture"]}
 */
export function allowedPicture(address, alt, title, insideLink) {
  if (OWN_PICTURE.test(address) || OWN_FILE.test(address)) {
    return { kind: "picture", src: address, alt, ...(title && { title }), ...(insideLink && { inLink: true }) };
  }
  const url = parsed(address);
  // A link cannot hold another link; there the picture's description stands for it.
  if (insideLink || !url || (url.protocol !== "http:" && url.protocol !== "https:")) return alt ? textNode(alt) : null;
  return { kind: "picture-link", href: url.href, host: url.host, alt };
}

/** @type {Policy} */
export const SAFE = { link: allowedLink, picture: allowedPicture };
