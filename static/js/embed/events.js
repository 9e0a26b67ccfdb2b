/** Server-sent events out of the pieces in which they come over the network. Pure. */

/** @typedef {{type: string, data: string}} ServerEvent */

/** Takes text as it comes and gives whole events. */
export class EventReader {
  #rest = "";

  /**
   * @param {string} piece
   * @returns {ServerEvent[]} those that are complete now
   */
  read(piece) {
    // A line can end in two characters, which two pieces may share: the first waits for the second.
    const whole = this.#rest + piece;
    const held = whole.endsWith("\r") ? "\r" : "";
    const blocks = whole.slice(0, whole.length - held.length).replace(/\r\n?/g, "\n").split("\n\n");
    this.#rest = (blocks.pop() ?? "") + held;
    return blocks.flatMap(eventIn);
  }
}

/**
 * @param {string} block
 * @returns {ServerEvent[]} none for a comment
 */
function eventIn(block) {
  let type = "message";
  const data = [];
  for (const line of block.split("\n")) {
    const [, field = "", value = ""] = /^([^:]*):? ?(.*)$/s.exec(line) ?? [];
    if (field === "event") type = value;
    if (field === "data") data.push(value);
  }
  return data.length ? [{ type, data: data.join("\n") }] : [];
}
