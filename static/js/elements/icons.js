/** The icons of what is there first: 20 × 20, drawn with the text's colour, never announced. The others: later-icons.js. */

import { html, svg } from "../../vendor/lit.js";

/** @param {ReturnType<typeof svg>} shape */
export const icon = (shape) => html`<svg class="icon" viewBox="0 0 20 20" aria-hidden="true" focusable="false">${shape}</svg>`;

export const menuIcon = icon(svg`<path d="M3 5.5h14M3 10h14M3 14.5h9" />`);
export const closeIcon = icon(svg`<path d="m5 5 10 10M15 5 5 15" />`);
export const newIcon = icon(svg`<path d="M10 4v12M4 10h12" />`);
export const renameIcon = icon(svg`<path d="M3.5 16.5h3L16 7l-3-3-9.5 9.5zM11 6l3 3" />`);
export const deleteIcon = icon(svg`<path d="M4 6h12M8 6V3.5h4V6M5.5 6l.75 10.5h7.5L14.5 6" />`);
export const sendIcon = icon(svg`<path d="M10 16V4.5M5 9.5l5-5 5 5" />`);
export const stopIcon = icon(svg`<rect class="solid" x="5.5" y="5.5" width="9" height="9" rx="1.5" />`);
export const copyIcon = icon(svg`<rect x="7" y="7" width="9.5" height="9.5" rx="2" /><path d="M13 7V5a1.5 1.5 0 0 0-1.5-1.5H5A1.5 1.5 0 0 0 3.5 5v6.5A1.5 1.5 0 0 0 5 13h2" />`);
export const downIcon = icon(svg`<path d="M10 4v11.5M5 10.5l5 5 5-5" />`);
export const previousIcon = icon(svg`<path d="m12 5-5 5 5 5" />`);
export const nextIcon = icon(svg`<path d="m8 5 5 5-5 5" />`);
export const optionsIcon = icon(svg`<path d="M3.5 6.5h6M14 6.5h2.5M3.5 13.5H6M10.5 13.5h6" /><circle cx="11.75" cy="6.5" r="2" /><circle cx="8.25" cy="13.5" r="2" />`);
export const fileIcon = icon(svg`<path d="M5 3.5h6l4 4v9H5zM11 3.5v4h4M7.5 11h5M7.5 13.5h5" />`);
export const markIcon = icon(svg`<path class="mark-back" d="M3 4.5A1.5 1.5 0 0 1 4.5 3h7A1.5 1.5 0 0 1 13 4.5v4A1.5 1.5 0 0 1 11.5 10H7l-2.5 2.5V10A1.5 1.5 0 0 1 3 8.5z" /><path class="mark-front" d="M9.5 12.5h3.5A2.5 2.5 0 0 0 15.5 10V7.5h.2A1.3 1.3 0 0 1 17 8.8v4.9a1.3 1.3 0 0 1-1.3 1.3H15v2l-2.2-2h-2a1.3 1.3 0 0 1-1.3-1.3z" />`);
export const privateIcon = icon(svg`<path d="M4.5 9.5h11v7h-11zM7 9.5V7a3 3 0 0 1 6 0v2.5" />`);
export const sidebarIcon = icon(svg`<rect x="3" y="4" width="14" height="12" rx="2" /><path d="M8 4v12" />`);
export const askIcon = icon(svg`<path d="M3.5 5.5A1.5 1.5 0 0 1 5 4h10a1.5 1.5 0 0 1 1.5 1.5v6A1.5 1.5 0 0 1 15 13H9l-3.5 3v-3H5a1.5 1.5 0 0 1-1.5-1.5z" />`);
export const codeIcon = icon(svg`<path d="m7 6-4 4 4 4M13 6l4 4-4 4" />`);
export const formatIcon = icon(svg`<path d="M3.5 5h13M3.5 10H5M8 10h8.5M3.5 15H5M8 15h5" />`);
