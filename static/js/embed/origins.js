/**
 * Which origins may speak to the chat: the same rules as `webapp/embed_origins.py`, by which the server lets a site show
 * it; both pass the table of `tests/vectors/embed_sites.json`. Pure.
 */

/**
 * @typedef {object} Sites
 * @property {readonly string[]} sites origins, or with `*.` before a name all names below it
 * @property {boolean} anySite
 * @property {boolean} localhost also pages of the machine it is looked at on
 */
/** @typedef {{scheme: string, host: string, port: number, wildcard: boolean}} Place */

const LONGEST_SITE = 300;
const WILDCARD = "*.";
/** @type {Readonly<Record<string, number>>} */
const PORTS = { http: 80, https: 443 };
const PLACE = /^([a-z]+):\/\/([^/:?#@\s;,'"\\[\]]+)(?::([0-9]{1,5}))?\/?$/i;
const LABEL = /^[a-z0-9]([a-z0-9-]{0,61}[a-z0-9])?$/;
/** Nobody registers a name with `_`, but pages below one have it. */
const PAGE_LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/;
/** Whatever a browser shows where any website may. */
const ANY_SITE = /^https?:\/\/[^/?#@\s\\]+\/?$/i;
const NUMERIC = /^([0-9]+|0x[0-9a-f]*)$/;
const ADDRESS = /^(25[0-5]|2[0-4]\d|1?\d?\d)(\.(25[0-5]|2[0-4]\d|1?\d?\d)){3}$/;

/**
 * @param {Sites} embed
 * @param {string} origin of a page; one without an origin says `null`, and never may
 * @returns {boolean} whether a page of this origin may show the chat
 */
export function originAllowed(embed, origin) {
  if (embed.anySite && origin.length <= LONGEST_SITE && ANY_SITE.test(origin)) return true;
  const place = placeOf(origin, PAGE_LABEL);
  if (!place || place.wildcard) return false;
  if (embed.localhost && ["localhost", "127.0.0.1"].includes(place.host)) return true;
  return embed.sites.some((site) => matches(place, site));
}

/**
 * @param {Place} place
 * @param {string} site
 * @returns {boolean}
 */
function matches(place, site) {
  const listed = placeOf(site);
  if (!listed || listed.scheme !== place.scheme || listed.port !== place.port) return false;
  return listed.wildcard ? place.host.endsWith(`.${listed.host}`) : place.host === listed.host;
}

/**
 * @param {string} text
 * @param {RegExp} [label]
 * @returns {Place | null}
 */
function placeOf(text, label = LABEL) {
  const [, given = "", name = "", port] = (text.length <= LONGEST_SITE && PLACE.exec(text.trim())) || [];
  const scheme = given.toLowerCase();
  const usual = Object.hasOwn(PORTS, scheme) ? PORTS[scheme] : undefined;
  if (usual === undefined) return null;
  const wildcard = name.startsWith(WILDCARD);
  const host = hostOf(wildcard ? name.slice(WILDCARD.length) : name, label);
  if (host === null || (wildcard && (!host.includes(".") || ADDRESS.test(host)))) return null;
  const number = port === undefined ? usual : Number(port);
  return number >= 1 && number <= 65_535 ? { scheme, host, port: number, wildcard } : null;
}

/**
 * A host's name in ASCII. Not every browser gives the origin of a name like bücher.example so.
 * @param {string} name
 * @param {RegExp} label
 * @returns {string | null}
 */
function hostOf(name, label) {
  const host = /^[\0-\x7f]*$/.test(name) ? name.toLowerCase() : inAscii(name);
  const labels = host.split(".");
  if (host.length > 253 || !labels.every((one) => label.test(one))) return null;
  return NUMERIC.test(labels.at(-1) ?? "") && !ADDRESS.test(host) ? null : host;
}

/**
 * @param {string} name
 * @returns {string} "" when no browser knows such a name
 */
function inAscii(name) {
  try {
    return new URL(`https://${name}`).hostname;
  } catch {
    return "";
  }
}
