/** Which open blocks go on in a line. No DOM, no I/O. */

/** @import {Block, CodeFacts} from "./block.js" */
/** @import {Line} from "./line.js" */

/**
 * Whether an open block goes on in a line; reads what belongs to the block.
 * @param {Block} block
 * @param {Line} line
 * @returns {boolean | "ended"} "ended" when this line is its last and holds nothing else
 */
export function continues(block, line) {
  switch (block.type) {
    case "document":
    case "list":
      return true;
    case "quote":
      return quote(line);
    case "item":
    case "note":
      return item(block, line);
    case "code":
      return block.code ? code(block.code, line) : false;
    case "paragraph":
    case "math":
      return !line.blank;
    case "table":
      return !line.blank && line.indent < 4;
    default:
      return false;
  }
}

/** @param {Line} line */
function quote(line) {
  if (line.indent >= 4 || line.text[line.next] !== ">") return false;
  line.skipSpace();
  line.skip(1);
  line.skipColumns(1);
  return true;
}

/**
 * @param {Block} block
 * @param {Line} line
 */
function item(block, line) {
  if (line.blank && block.children.length === 0) return false;
  if (line.indent < block.indent && !line.blank) return false;
  line.skipColumns(block.indent);
  return true;
}

/**
 * @param {CodeFacts} code
 * @param {Line} line
 */
function code(code, line) {
  if (!code.fence) {
    if (line.indent >= 4) line.skipColumns(4);
    else if (line.blank) line.skipSpace();
    else return false;
    return true;
  }
  if (line.indent < 4 && isClosing(line.rest, code.fence)) return "ended";
  line.skipColumns(code.indent);
  return true;
}

/**
 * @param {string} rest
 * @param {string} fence
 */
function isClosing(rest, fence) {
  if (!rest.startsWith(fence)) return false;
  let at = fence.length;
  while (rest[at] === fence[0]) at += 1;
  return !/[^ \t]/.test(rest.slice(at));
}
