/** A cursor over one line, which counts columns the way CommonMark does: a tab goes to the next multiple of four. No DOM, no I/O. */

/** One line and how far it was read. */
export class Line {
  /** @type {string} */
  text;
  /** Index of the next character. */
  offset = 0;
  /** The column of `offset`. */
  column = 0;
  /** Whether only some columns of the tab at `offset` were read. */
  #insideTab = false;
  /** Index of the next character that is not white space. */
  next = 0;
  #nextColumn = 0;

  /** @param {string} text without its line end */
  constructor(text) {
    this.text = text;
    this.#look();
  }

  /** Columns of white space before the next character. */
  get indent() {
    return this.#nextColumn - this.column;
  }

  /** Whether nothing but white space is left. */
  get blank() {
    return this.next >= this.text.length;
  }

  /** What is left, from the next character that is not white space. */
  get rest() {
    return this.text.slice(this.next);
  }

  /** What is left with its white space; a tab that was read in part stands as the spaces that are left of it. */
  get remainder() {
    if (!this.#insideTab) return this.text.slice(this.offset);
    return " ".repeat(4 - (this.column % 4)) + this.text.slice(this.offset + 1);
  }

  /** Whether white space comes next. */
  get atSpace() {
    const character = this.text[this.offset];
    return character === " " || character === "\t";
  }

  #look() {
    let at = this.offset;
    let column = this.column;
    for (; at < this.text.length; at += 1) {
      const code = this.text.charCodeAt(at);
      if (code === 32) column += 1;
      else if (code === 9) column += 4 - (column % 4);
      else break;
    }
    this.next = at;
    this.#nextColumn = column;
  }

  /** Reads all white space. */
  skipSpace() {
    this.offset = this.next;
    this.column = this.#nextColumn;
    this.#insideTab = false;
  }

  /** @param {number} count characters to read; none of them is white space */
  skip(count) {
    this.offset += count;
    this.column += count;
    this.#insideTab = false;
    this.#look();
  }

  /** @param {number} columns columns of white space to read, at most */
  skipColumns(columns) {
    while (columns > 0 && this.atSpace) {
      const width = this.text[this.offset] === "\t" ? 4 - (this.column % 4) : 1;
      this.#insideTab = width > columns;
      this.column += Math.min(width, columns);
      if (!this.#insideTab) this.offset += 1;
      columns -= width;
    }
    this.#look();
  }

  /** @returns {() => void} goes back to where the cursor is now */
  mark() {
    const { offset, column } = this;
    const insideTab = this.#insideTab;
    return () => {
      this.offset = offset;
      this.column = column;
      this.#insideTab = insideTab;
      this.#look();
    };
  }
}

/**
 * @param {string} text
 * @returns {string} without spaces and tabs around it; other white space is text
 */
export function trimmed(text) {
  return text.replace(/^[ \t]+/, "").replace(/(?<![ \t])[ \t]+$/, "");
}
