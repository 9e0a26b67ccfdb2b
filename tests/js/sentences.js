/** Reads the page's modules and finds what they say: the sentences given to `say` and its like, and those that should have been. */

import { readdirSync, readFileSync } from "node:fs";
import { resolve } from "node:path";
import { SyntaxKind } from "typescript/unstable/ast";
import { API } from "typescript/unstable/sync";

/** @import {CallExpression, Node, SourceFile, TaggedTemplateExpression} from "typescript/unstable/ast" */

/** @typedef {{sentence: string, one: string | null, where: string}} Said `one`: the singular of a counted sentence */

/** Which arguments are sentences. */
const FUNCTIONS = new Map([["say", 1], ["sayParts", 1], ["sayMany", 3]]);
/** Attributes that are seen or heard. */
const READ_OUT = /(?:^|\s)\.?(?:aria-label|aria-description|aria-roledescription|aria-valuetext|title|placeholder|alt|label)="([^"]*)"/g;
/** Small letters in a row: words, not a sign, a key or a code. */
const WORD = /\p{Ll}{2,}/u;
/** A literal that reads like a sentence or a label: a capital, then small letters. */
const SENTENCE = /^\p{Lu}\p{Ll}+(?:[ …:.?!]|$)|^\p{Lu}[\p{L}’']* \p{L}/u;

/**
 * All modules of the page.
 * @returns {{said: Said[], notLiteral: string[], unsaid: string[]}} what is said; calls with something else than literals; words nobody translates
 */
export function readPage() {
  const api = new API({ cwd: process.cwd() });
  const config = resolve("tsconfig.json");
  const program = api.updateSnapshot({ openProjects: [config] }).getProject(config)?.program;
  if (!program) throw new Error("The project could not be read.");
  const reader = new Reader();
  for (const name of readdirSync("static/js", { recursive: true, encoding: "utf-8" }).sort()) {
    if (!name.endsWith(".js") || name === "say.js" || WORDLESS.test(name)) continue;
    const file = program.getSourceFile(resolve("static/js", name));
    if (!file) throw new Error(`${name} could not be read.`);
    reader.read(name, file);
  }
  api.close();
  return reader;
}

/** @returns {string[]} the sentences of the templates, which the server says */
export function readTemplates() {
  const texts = readdirSync("templates").map((name) => readFileSync(`templates/${name}`, "utf-8"));
  return texts.flatMap((text) => Array.from(text.matchAll(/\bsay\("([^"]*)"/g), ([, sentence]) => sentence ?? ""));
}

/**
 * @param {string} sentence
 * @returns {string[]} the names of its places, each once, in order of the alphabet
 */
export function placesIn(sentence) {
  return [...new Set(Array.from(sentence.matchAll(/\{(\w+)\}/g), ([, name]) => name ?? ""))].sort();
}

class Reader {
  /** @type {Said[]} */
  said = [];
  /** @type {string[]} */
  notLiteral = [];
  /** @type {string[]} */
  unsaid = [];

  /**
   * @param {string} name
   * @param {SourceFile} file
   */
  read(name, file) {
    const where = (/** @type {Node} */ node) => `${name}:${file.text.slice(0, node.getStart(file)).split("\n").length}`;
    const visit = (/** @type {Node} */ node) => {
      if (node.kind === SyntaxKind.CallExpression) {
        const call = /** @type {CallExpression} */ (node);
        const count = FUNCTIONS.get(call.expression.getText(file));
        if (count !== undefined) return this.call(call, count, where(node), visit);
      }
      if (node.kind === SyntaxKind.NewExpression && /^new \w*Error\(/.test(node.getText(file))) return; // for programmers
      if (node.kind === SyntaxKind.TaggedTemplateExpression) this.template(/** @type {TaggedTemplateExpression} */ (node), file, where(node));
      if (literal(node) !== null && SENTENCE.test(literal(node) ?? "") && !technical(node, file)) this.unsaid.push(`${where(node)} ${literal(node)}`);
      if (node.kind === SyntaxKind.TemplateExpression && node.parent.kind !== SyntaxKind.TaggedTemplateExpression) {
        const text = node.getText(file).slice(1, -1).replace(/\$\{[^}]*\}/g, "…");
        if (/\p{L}{2,} \p{L}{2,}|^\p{Lu}\p{Ll}+ |… \p{L}{2,}(?![\p{L}-])/u.test(text)) this.unsaid.push(`${where(node)} ${text}`);
      }
      node.forEachChild(visit);
    };
    visit(file);
  }

  /**
   * @param {CallExpression} call
   * @param {number} count of its first arguments
   * @param {string} where
   * @param {(node: Node) => void} visit goes on with what the places are filled with
   */
  call(call, count, where, visit) {
    const sentences = call.arguments.slice(count === 3 ? 1 : 0, count).map(literal);
    const sentence = sentences.at(-1);
    const one = count === 3 ? sentences[0] : null;
    if (typeof sentence !== "string" || one === undefined || (count === 3 && one === null)) this.notLiteral.push(where);
    else this.said.push({ sentence, one, where });
    call.arguments.slice(count).forEach(visit);
  }

  /**
   * @param {TaggedTemplateExpression} node
   * @param {SourceFile} file
   * @param {string} where
   */
  template({ tag, template }, file, where) {
    if (tag.getText(file) !== "html") return;
    const text = template.getText(file).slice(1, -1);
    const plain = withoutValues(text);
    for (const [, value = ""] of plain.matchAll(READ_OUT)) if (WORD.test(value)) this.unsaid.push(`${where} ${value}`);
    const between = plain.replace(/<!--.*?-->/gs, "").replace(/<\/?[a-z][^<>]*>/gi, "\n").replace(/&\w+;/g, "");
    for (const words of between.split("\n")) if (WORD.test(words)) this.unsaid.push(`${where} ${words.trim()}`);
  }
}

/**
 * @param {string} text of a template
 * @returns {string} without what stands in `${…}`, templates within included
 */
function withoutValues(text) {
  let depth = 0;
  let plain = "";
  for (let at = 0; at < text.length; at += 1) {
    if (depth === 0 && text.startsWith("${", at)) [depth, at] = [1, at + 1];
    else if (depth === 0) plain += text[at];
    else depth += text[at] === "{" ? 1 : text[at] === "}" ? -1 : 0;
  }
  return plain;
}

/**
 * @param {Node | undefined} node
 * @returns {string | null} its text, when it is a literal
 */
function literal(node) {
  const is = node?.kind === SyntaxKind.StringLiteral || node?.kind === SyntaxKind.NoSubstitutionTemplateLiteral;
  return is ? /** @type {Node & {text: string}} */ (node).text : null;
}

/** Names of keys, programs and kinds of dragged things, and literals that nobody sees, though they read like sentences. */
const NAMES = new Set(["Accept", "Alt", "Enter", "Esc", "Escape", "Files", "Home", "Markdown", "Mod", "Parley", "Shift", "Dockerfile", "Makefile"]);
/** Whose words are no sentences of the page: names of letters and programming languages, what a programmer reads, the owner’s page, and the loader, which has its own table. */
const WORDLESS = /^(?:markdown\/(?:all-)?entities|colours\/.*|reading|widget\/.*|admin.*|embed\/(?:api|host|look|port-messages))\.js$/;

/**
 * @param {Node} node
 * @param {SourceFile} file
 * @returns {boolean} whether the literal is compared, looked up or a name, and not shown
 */
function technical(node, file) {
  const { parent } = node;
  if (NAMES.has(literal(node) ?? "")) return true;
  const compared = parent.kind === SyntaxKind.BinaryExpression && /[=!]==/.test(parent.getText(file));
  return compared || parent.kind === SyntaxKind.CaseClause || parent.kind === SyntaxKind.LiteralType || parent.kind === SyntaxKind.ImportDeclaration;
}
