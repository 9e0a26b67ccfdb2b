/** What the server wrote on the page about this one chat. */

import { list } from "../reading.js";
import { parsed } from "./storage.js";

/** @import {Options} from "./port-messages.js" */

/**
 * @typedef {object} Place
 * @property {string} embed its id
 * @property {string} ticket proof that this page was loaded, good for ten minutes
 * @property {string} access of a visitor whom the browser's cookie brought back; "" for a new one
 * @property {"auto" | "always" | "never"} resume
 * @property {"partitioned" | "memory" | "host"} storage
 * @property {readonly string[]} sites
 * @property {boolean} anySite
 * @property {boolean} localhost
 * @property {boolean} shareMessages whether the host page may read along
 * @property {boolean} compact
 * @property {string} color
 * @property {number} font_px
 * @property {number} radius_px
 * @property {boolean} preview whether the owner looks at it, on a page of this site
 * @property {unknown} look what the loader is told at `welcome`
 */

/**
 * @param {DOMStringMap} data of the page's element
 * @returns {Place}
 */
export function placeOf(data) {
  const { embed = "", ticket = "", access = "", resume, storage } = data;
  return {
    embed,
    ticket,
    access,
    resume: resume === "always" || resume === "never" ? resume : "auto",
    storage: storage === "memory" || storage === "host" ? storage : "partitioned",
    sites: list(parsed(data["sites"]), String),
    anySite: "anySite" in data,
    localhost: "localhost" in data,
    shareMessages: "shareMessages" in data,
    compact: "compact" in data,
    color: data["color"] ?? "",
    font_px: Number(data["font"]) || 16,
    radius_px: Number(data["radius"] ?? 16),
    preview: "preview" in data,
    look: parsed(data["look"]) ?? {},
  };
}

/**
 * The place as the host page wants it. Its own storage it may offer only where the owner allows that.
 * @param {Place} place
 * @param {Options} opts
 * @returns {Place}
 */
export function wantedPlace(place, { resume = place.resume, storage = place.storage, color = place.color, compact = place.compact }) {
  return { ...place, resume, storage: storage === "host" && place.storage !== "host" ? place.storage : storage, color, compact };
}
