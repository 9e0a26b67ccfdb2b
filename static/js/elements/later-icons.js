/** The icons of what is loaded later. Those that are there first: icons.js. */

import { svg } from "../../vendor/lit.js";
import { icon } from "./icons.js";

export const searchIcon = icon(svg`<circle cx="8.75" cy="8.75" r="5" /><path d="m12.5 12.5 4 4" />`);
export const moreIcon = icon(svg`<path class="dots" d="M4.5 10h.01M10 10h.01M15.5 10h.01" />`);
export const pinIcon = icon(svg`<path d="M7.5 3.5h5l-.75 5 2.75 3h-9l2.75-3zM10 11.5v5" />`);
export const tagIcon = icon(svg`<path d="M3.5 4.5V10l6.5 6.5 6-6L9.5 4z" /><path d="M6.75 7.25h.01" />`);
export const archiveIcon = icon(svg`<path d="M3.5 4h13v3.5h-13zM4.75 7.5v8.5h10.5V7.5M8.25 10.5h3.5" />`);
export const selectIcon = icon(svg`<rect x="3.5" y="3.5" width="13" height="13" rx="2.5" /><path d="m6.75 10.25 2.25 2.25 4.25-4.75" />`);
export const phoneIcon = icon(svg`<rect x="6" y="2.5" width="8" height="15" rx="2" /><path d="M9 15h2" />`);
export const shareIcon = icon(svg`<path d="M10 12.5v-9M6.5 6.5 10 3l3.5 3.5M6 9H4.5v7.5h11V9H14" />`);
export const doneIcon = icon(svg`<path d="m4.5 10.5 3.5 3.5 7.5-8" />`);
export const againIcon = icon(svg`<path d="M15.5 10a5.5 5.5 0 1 1-1.7-4M16 3v3.5h-3.5" />`);
export const continueIcon = icon(svg`<path d="M4 5v10M8.5 5.5 16 10l-7.5 4.5z" />`);
export const factsIcon = icon(svg`<circle cx="10" cy="10" r="6.75" /><path d="M10 9.25v4M10 6.75h.01" />`);
export const attachIcon = icon(svg`<path d="m15.5 9.5-5.6 5.6a3.4 3.4 0 0 1-4.8-4.8l6-6a2.3 2.3 0 0 1 3.2 3.2l-5.9 5.9a1.1 1.1 0 0 1-1.6-1.6l5.2-5.2" />`);
export const quoteIcon = icon(svg`<path d="M4 5.5h12M8 10h8M8 14.5h5M4 9.5v5.5" />`);
export const speakIcon = icon(svg`<path d="M3.5 8v4h2.75L10 15.5v-11L6.25 8zM13 7.5a3.5 3.5 0 0 1 0 5M15.25 5.25a6.7 6.7 0 0 1 0 9.5" />`);
export const outlineIcon = icon(svg`<path d="M4 5.5h12M7 10h9M7 14.5h9M4 10h.01M4 14.5h.01" />`);
export const microphoneIcon = icon(svg`<rect x="7.5" y="3" width="5" height="8.5" rx="2.5" /><path d="M4.75 9.5a5.25 5.25 0 0 0 10.5 0M10 14.75V17" />`);
export const expandIcon = icon(svg`<path d="m6.5 12 3.5-3.5 3.5 3.5" />`);
export const systemIcon = icon(svg`<rect x="3" y="4" width="14" height="9.5" rx="1.5" /><path d="M7.5 16.5h5" />`);
export const lightIcon = icon(svg`<circle cx="10" cy="10" r="3.25" /><path d="M10 2.75v1.5M10 15.75v1.5M2.75 10h1.5M15.75 10h1.5M4.9 4.9l1 1M14.1 14.1l1 1M4.9 15.1l1-1M14.1 5.9l1-1" />`);
export const darkIcon = icon(svg`<path d="M16.25 11.75A6.75 6.75 0 0 1 8.25 3.75a6.75 6.75 0 1 0 8 8z" />`);
export const settingsIcon = icon(svg`<path d="m10 2.75 1.3 1.9 2.2-.5.6 2.2 2.2.8-.8 2.1 1.3 1.9-2 1.1.1 2.3-2.3.1-1 2-1.6-1.2-1.6 1.2-1-2-2.3-.1.1-2.3-2-1.1 1.3-1.9-.8-2.1 2.2-.8.6-2.2 2.2.5z" /><circle cx="10" cy="10" r="2.4" />`);
export const keysIcon = icon(svg`<rect x="2.5" y="5" width="15" height="10" rx="2" /><path d="M5.5 8.25h.01M8.5 8.25h.01M11.5 8.25h.01M14.5 8.25h.01M7 11.75h6" />`);
