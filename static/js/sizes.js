/** How much room texts will take, guessed without laying them out. Pure. */

/** Characters in a line of the page's measure. */
const COLUMNS = 84;
const LINE_PX = 26;
/** What stands around an answer's text. */
const FRAME_PX = 56;
/** A question longer than this is folded. */
const QUESTION_LINES = 12;
const QUESTION_COLUMNS = 64;

/**
 * @param {string} text
 * @param {number} [columns]
 * @returns {number}
 */
export function lines(text, columns = COLUMNS) {
  let count = 0;
  let begin = 0;
  for (let end = text.indexOf("\n"); end >= 0; end = text.indexOf("\n", begin)) {
    count += Math.max(1, Math.ceil((end - begin) / columns));
    begin = end + 1;
  }
  return count + Math.max(1, Math.ceil((text.length - begin) / columns));
}

/**
 * @param {string} text of an answer
 * @returns {number} in CSS pixels
 */
export function answerHeight_px(text) {
  return FRAME_PX + lines(text) * LINE_PX;
}

/**
 * @param {string} text of a question
 * @returns {number} in CSS pixels
 */
export function questionHeight_px(text) {
  return FRAME_PX + Math.min(QUESTION_LINES, lines(text, QUESTION_COLUMNS)) * LINE_PX;
}

/**
 * Whether a question is so long that it is folded.
 * @param {string} text
 * @returns {boolean}
 */
export function isLong(text) {
  // One line more would not be worth a fold.
  return lines(text, QUESTION_COLUMNS) > QUESTION_LINES + 1;
}
