/** The languages whose code is coloured: what they are called, where their grammar is, how a file of theirs ends. */

/** @import {LanguageFn} from "highlight.js" */

/**
 * @typedef {object} Language
 * @property {() => Promise<{default: LanguageFn}>} load fetches its grammar
 * @property {string} extension of a file, without the dot
 * @property {string} [names] what else it is called, separated by spaces
 */

/** @type {Readonly<Record<string, Language>>} */
const LANGUAGES = {
  apache: { load: () => import("highlight.js/lib/languages/apache"), extension: "conf", names: "apacheconf htaccess" },
  bash: { load: () => import("highlight.js/lib/languages/bash"), extension: "sh", names: "sh shell zsh ksh shellscript" },
  c: { load: () => import("highlight.js/lib/languages/c"), extension: "c", names: "h" },
  clojure: { load: () => import("highlight.js/lib/languages/clojure"), extension: "clj", names: "clj cljs edn" },
  cmake: { load: () => import("highlight.js/lib/languages/cmake"), extension: "cmake" },
  console: { load: () => import("highlight.js/lib/languages/shell"), extension: "txt", names: "shellsession sh-session" },
  cpp: { load: () => import("highlight.js/lib/languages/cpp"), extension: "cpp", names: "c++ cc cxx hpp hh hxx" },
  csharp: { load: () => import("highlight.js/lib/languages/csharp"), extension: "cs", names: "cs c#" },
  css: { load: () => import("highlight.js/lib/languages/css"), extension: "css" },
  dart: { load: () => import("highlight.js/lib/languages/dart"), extension: "dart" },
  diff: { load: () => import("highlight.js/lib/languages/diff"), extension: "diff", names: "patch" },
  dockerfile: { load: () => import("highlight.js/lib/languages/dockerfile"), extension: "dockerfile", names: "docker" },
  elixir: { load: () => import("highlight.js/lib/languages/elixir"), extension: "ex", names: "ex exs" },
  elm: { load: () => import("highlight.js/lib/languages/elm"), extension: "elm" },
  erlang: { load: () => import("highlight.js/lib/languages/erlang"), extension: "erl", names: "erl" },
  fortran: { load: () => import("highlight.js/lib/languages/fortran"), extension: "f90", names: "f90 f95" },
  fsharp: { load: () => import("highlight.js/lib/languages/fsharp"), extension: "fs", names: "fs f#" },
  go: { load: () => import("highlight.js/lib/languages/go"), extension: "go", names: "golang" },
  graphql: { load: () => import("highlight.js/lib/languages/graphql"), extension: "graphql", names: "gql" },
  groovy: { load: () => import("highlight.js/lib/languages/groovy"), extension: "groovy", names: "gradle jenkinsfile" },
  haskell: { load: () => import("highlight.js/lib/languages/haskell"), extension: "hs", names: "hs" },
  http: { load: () => import("highlight.js/lib/languages/http"), extension: "http", names: "https" },
  ini: { load: () => import("highlight.js/lib/languages/ini"), extension: "ini", names: "toml cfg conf env dotenv properties" },
  java: { load: () => import("highlight.js/lib/languages/java"), extension: "java" },
  javascript: { load: () => import("highlight.js/lib/languages/javascript"), extension: "js", names: "js jsx mjs cjs node" },
  json: { load: () => import("highlight.js/lib/languages/json"), extension: "json", names: "jsonc json5 jsonl ndjson" },
  julia: { load: () => import("highlight.js/lib/languages/julia"), extension: "jl", names: "jl" },
  kotlin: { load: () => import("highlight.js/lib/languages/kotlin"), extension: "kt", names: "kt kts" },
  latex: { load: () => import("highlight.js/lib/languages/latex"), extension: "tex", names: "tex" },
  less: { load: () => import("highlight.js/lib/languages/less"), extension: "less" },
  lisp: { load: () => import("highlight.js/lib/languages/lisp"), extension: "lisp", names: "elisp emacs-lisp common-lisp" },
  lua: { load: () => import("highlight.js/lib/languages/lua"), extension: "lua" },
  makefile: { load: () => import("highlight.js/lib/languages/makefile"), extension: "mk", names: "make mk" },
  markdown: { load: () => import("highlight.js/lib/languages/markdown"), extension: "md", names: "md mdx" },
  matlab: { load: () => import("highlight.js/lib/languages/matlab"), extension: "m", names: "octave" },
  nginx: { load: () => import("highlight.js/lib/languages/nginx"), extension: "conf", names: "nginxconf" },
  nix: { load: () => import("highlight.js/lib/languages/nix"), extension: "nix" },
  objectivec: { load: () => import("highlight.js/lib/languages/objectivec"), extension: "m", names: "objc obj-c objective-c" },
  ocaml: { load: () => import("highlight.js/lib/languages/ocaml"), extension: "ml", names: "ml" },
  perl: { load: () => import("highlight.js/lib/languages/perl"), extension: "pl", names: "pl pm" },
  php: { load: () => import("highlight.js/lib/languages/php"), extension: "php" },
  powershell: { load: () => import("highlight.js/lib/languages/powershell"), extension: "ps1", names: "ps1 ps pwsh" },
  prolog: { load: () => import("highlight.js/lib/languages/prolog"), extension: "pl" },
  protobuf: { load: () => import("highlight.js/lib/languages/protobuf"), extension: "proto", names: "proto" },
  python: { load: () => import("highlight.js/lib/languages/python"), extension: "py", names: "py python3 gyp" },
  r: { load: () => import("highlight.js/lib/languages/r"), extension: "r" },
  ruby: { load: () => import("highlight.js/lib/languages/ruby"), extension: "rb", names: "rb rails" },
  rust: { load: () => import("highlight.js/lib/languages/rust"), extension: "rs", names: "rs" },
  scala: { load: () => import("highlight.js/lib/languages/scala"), extension: "scala", names: "sbt" },
  scheme: { load: () => import("highlight.js/lib/languages/scheme"), extension: "scm", names: "scm racket" },
  scss: { load: () => import("highlight.js/lib/languages/scss"), extension: "scss", names: "sass" },
  sql: { load: () => import("highlight.js/lib/languages/sql"), extension: "sql", names: "mysql sqlite postgres postgresql plsql tsql" },
  swift: { load: () => import("highlight.js/lib/languages/swift"), extension: "swift" },
  typescript: { load: () => import("highlight.js/lib/languages/typescript"), extension: "ts", names: "ts tsx mts cts" },
  verilog: { load: () => import("highlight.js/lib/languages/verilog"), extension: "v", names: "v sv systemverilog" },
  vim: { load: () => import("highlight.js/lib/languages/vim"), extension: "vim", names: "viml vimscript" },
  wasm: { load: () => import("highlight.js/lib/languages/wasm"), extension: "wat", names: "wat" },
  xml: { load: () => import("highlight.js/lib/languages/xml"), extension: "xml", names: "html xhtml svg vue svelte rss atom" },
  yaml: { load: () => import("highlight.js/lib/languages/yaml"), extension: "yaml", names: "yml" },
};

/** Names that say more about a file than the language does. @type {Readonly<Record<string, string>>} */
const EXTENSIONS = {
  htm: "html", html: "html", svg: "svg", vue: "vue", svelte: "svelte", jsx: "jsx", tsx: "tsx", mjs: "mjs", cjs: "cjs",
  toml: "toml", env: "env", properties: "properties", sass: "sass", jsonl: "jsonl", ndjson: "jsonl", csv: "csv", tsv: "tsv",
  bat: "bat", cmd: "bat", zsh: "zsh", h: "h", hpp: "hpp", tex: "tex", gradle: "gradle", mermaid: "mmd",
};

/** @type {Map<string, string>} what a language is called → its own name */
const names = new Map();
for (const [name, { names: others = "" }] of Object.entries(LANGUAGES)) {
  for (const other of [name, ...others.split(" ")]) if (other) names.set(other, name);
}

/**
 * @param {string} called as a code block names it
 * @returns {{name: string, load: Language["load"]} | null} null when code of this language stays plain
 */
export function languageCalled(called) {
  const name = names.get(called.toLowerCase());
  const language = name === undefined ? undefined : LANGUAGES[name];
  return name === undefined || !language ? null : { name, load: language.load };
}

/**
 * The name of a file that holds the code of a block.
 * @param {string} called as the block names its language
 * @returns {string}
 */
export function fileNameFor(called) {
  const name = called.toLowerCase();
  if (name === "dockerfile" || name === "docker") return "Dockerfile";
  if (name === "makefile" || name === "make") return "Makefile";
  const known = names.get(name);
  const extension = (Object.hasOwn(EXTENSIONS, name) && EXTENSIONS[name]) || (known && LANGUAGES[known]?.extension) || "txt";
  return `answer.${extension}`;
}
