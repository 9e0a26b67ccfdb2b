/** The owner's page works without this: it adds the buttons that copy a link. */

const SAID_MS = 3_000;

for (const button of document.querySelectorAll("button[data-copy]")) {
  // The clipboard is there over https and on the machine itself only.
  if (!(button instanceof HTMLButtonElement) || !("clipboard" in navigator)) continue;
  button.hidden = false;
  button.addEventListener("click", () => void copy(button));
}

/**
 * Copies a link and says so for a moment, in the status that follows the button.
 * @param {HTMLButtonElement} button
 */
async function copy(button) {
  const { copy: text = "", done = "" } = button.dataset;
  const said = button.nextElementSibling;
  await navigator.clipboard.writeText(text);
  if (!said) return;
  said.textContent = done;
  setTimeout(() => said.replaceChildren(), SAID_MS);
}
