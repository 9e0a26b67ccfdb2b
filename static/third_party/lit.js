// What the page uses of lit. Bundled into static/vendor/lit.js by `npm run build`, which also copies this
// file to static/vendor/lit.d.ts: the same lines tell the type checker what the bundle holds.
export { LitElement, html, svg, nothing } from "lit";
export { live } from "lit/directives/live.js";
export { repeat } from "lit/directives/repeat.js";
