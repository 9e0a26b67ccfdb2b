/** Code with its colours as a row of pieces, before any of it is in the page. No DOM, no I/O. */

/**
 * A piece of code and what it is: the class names of its colour, or "".
 * @typedef {{text: string, kind: string}} Piece
 */

/** Collects the pieces while highlight.js reads code; it makes no HTML. */
export class Pieces {
  /** @type {Piece[]} */
  pieces = [];
  /** @type {string[]} */
  #scopes = [];

  /** @param {string} text */
  addText(text) {
    const kind = this.#scopes.at(-1) ?? "";
    const last = this.pieces.at(-1);
    if (text && last?.kind === kind) last.text += text;
    else if (text) this.pieces.push({ text, kind });
  }

  /** @param {string} scope such as "title.function" */
  startScope(scope) {
    this.#scopes.push(className(scope) || (this.#scopes.at(-1) ?? ""));
  }

  endScope() {
    this.#scopes.pop();
  }

  /** The same under the name it has elsewhere in highlight.js. @param {string} scope */
  openNode(scope) {
    this.startScope(scope);
  }

  closeNode() {
    this.endScope();
  }

  /**
   * Code of one language inside another.
   * @param {object} inner
   */
  __addSublanguage(inner) {
    for (const { text, kind } of inner instanceof Pieces ? inner.pieces : []) {
      this.#scopes.push(kind);
      this.addText(text);
      this.endScope();
    }
  }

  finalize() {}

  /** Nobody needs the HTML. */
  toHTML() {
    return "";
  }
}

/**
 * The kinds of code that have a colour, by the beginning of highlight.js's names for them. What is missing here looks
 * like the code around it.
 * @type {readonly (readonly [RegExp, string])[]}
 */
const KINDS = [
  [/^(?:comment|quote|doctag|meta\.prompt)/, "comment"],
  [/^(?:string|regexp|char|code|link|template-tag)/, "string"],
  [/^(?:keyword|selector-tag|selector-pseudo|operator\.word|doctag)/, "keyword"],
  [/^(?:number|literal|symbol|bullet)/, "number"],
  [/^(?:title\.function|title\.class|title|section|selector-class|selector-id|name)/, "title"],
  [/^(?:type|built_in|class|tag)/, "type"],
  [/^(?:attr|attribute|property|variable|template-variable|params\.named|selector-attr|meta)/, "name"],
  [/^addition/, "added"],
  [/^deletion/, "removed"],
  [/^emphasis/, "emphasis"],
  [/^strong/, "strong"],
  [/^subst/, "plain"],
];

/**
 * @param {string} scope
 * @returns {string}
 */
function className(scope) {
  const kind = KINDS.find(([pattern]) => pattern.test(scope))?.[1];
  return kind ? `code-${kind}` : "";
}

/**
 * Cuts pieces where the parts of the code that are laid out by themselves end.
 * @param {readonly Piece[]} pieces
 * @param {readonly number[]} lengths of the parts, in characters
 * @returns {Piece[][] | null} the pieces of each part; null when they are not the same code
 */
export function cutAt(pieces, lengths) {
  /** @type {Piece[][]} */
  const parts = [];
  let at = 0;
  let used = 0;
  for (const length of lengths) {
    /** @type {Piece[]} */
    const part = [];
    for (let left = length; left > 0; ) {
      const piece = pieces[at];
      if (!piece) return null;
      const text = piece.text.slice(used, used + left);
      part.push({ text, kind: piece.kind });
      left -= text.length;
      used += text.length;
      if (used === piece.text.length) [at, used] = [at + 1, 0];
    }
    parts.push(part);
  }
  return at === pieces.length ? parts : null;
}
