/** Answers read aloud by the browser's own voice: one at a time, nothing is sent anywhere, and leaving the page ends it. */

import { pieces } from "../spoken.js";

/** What is read now. @type {{text: string, ended: () => void} | null} */
let reading = null;

/** Whether this browser has a voice. */
export const canRead = "speechSynthesis" in globalThis;

/**
 * Reads a text; what was read before ends.
 * @param {string} text plain
 * @param {string} language as in `lang`; "" leaves it to the voice
 * @param {() => void} ended called once, at the end, however it comes
 */
export function readAloud(text, language, ended) {
  stopReading();
  const now = { text, ended };
  reading = now;
  const parts = pieces(text).map((piece) => new SpeechSynthesisUtterance(piece));
  const finish = () => {
    if (reading === now) stopReading();
  };
  for (const part of parts) {
    if (language) part.lang = language;
    part.onerror = finish;
    speechSynthesis.speak(part);
  }
  const last = parts.at(-1);
  if (last) last.onend = finish;
  else finish();
}

/** Ends what is being read. */
export function stopReading() {
  const before = reading;
  reading = null;
  if (canRead) speechSynthesis.cancel();
  before?.ended();
}

addEventListener("pagehide", stopReading);
