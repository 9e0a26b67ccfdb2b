// What the page uses of markdown-it. Bundled and typed like lit.js beside it.
export { default } from "markdown-it";
