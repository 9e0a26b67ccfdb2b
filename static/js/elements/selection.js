/** What the reader has selected, where it lies in the messages. */

/**
 * What is selected in the messages.
 * @returns {string} "" when nothing is, or something else
 */
export function selectedText() {
  const selection = getSelection();
  return selection && !selection.isCollapsed && inMessages(selection) ? selection.toString().trim() : "";
}

/**
 * @param {Selection} selection
 * @returns {boolean} whether it lies in the messages, from its beginning to its end
 */
export function inMessages({ anchorNode, focusNode }) {
  const messages = document.querySelector(".messages");
  return messages !== null && messages.contains(anchorNode) && messages.contains(focusNode);
}
