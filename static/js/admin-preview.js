/** The preview of an embed: the real page in a frame, told over a port of its own what the form says now. */

import { colourOf } from "./admin-contrast.js";

const PROTOCOL = { ns: "parley", v: 1 };
const STARTERS = 4;

/** @typedef {{title: string, greeting: string, starters: string[], disclosure: string, color: string, theme: string, radius_px: number, font_px: number}} Look */

/** Keeps the frame and the form together. */
export class Preview {
  /** @type {MessagePort | null} */
  #port = null;
  #frame;
  #look;

  /**
   * @param {HTMLIFrameElement} frame
   * @param {() => Look} look what the form says now
   */
  constructor(frame, look) {
    this.#frame = frame;
    this.#look = look;
    frame.addEventListener("load", () => this.#greet());
    // It may have been there before this script was.
    if (frame.contentDocument?.readyState === "complete") this.#greet();
  }

  /** Shows what the form says now; before the frame is ready, it will when it is. */
  show() {
    this.#port?.postMessage({ ...PROTOCOL, type: "preview", payload: this.#look() });
  }

  #greet() {
    const { port1, port2 } = new MessageChannel();
    this.#port = null;
    port1.onmessage = ({ data }) => {
      if (data?.ns !== PROTOCOL.ns || data.type !== "welcome") return;
      this.#port = port1;
      this.show();
    };
    const hello = { ...PROTOCOL, type: "hello", payload: { opts: { mode: "inline", storage: "memory", resume: "never" } } };
    this.#frame.contentWindow?.postMessage(hello, location.origin, [port2]);
  }
}

/**
 * @param {HTMLFormElement} form
 * @param {boolean} dark whether it is looked at by night
 * @returns {Look}
 */
export function lookOf(form, dark) {
  const given = new FormData(form);
  const text = (/** @type {string} */ name) => String(given.get(name) ?? "").trim();
  const theme = text("theme");
  const lines = text("starters").split("\n").map((line) => line.trim());
  return {
    title: text("title"),
    greeting: text("greeting"),
    starters: lines.filter((line) => line !== "").slice(0, STARTERS),
    disclosure: text("disclosure"),
    color: colourOf(text("color")),
    theme: theme === "light" || theme === "dark" ? theme : dark ? "dark" : "light",
    radius_px: numberOf(text("radius_px"), 16),
    font_px: numberOf(text("font_px"), 16),
  };
}

/**
 * @param {string} text
 * @param {number} otherwise
 */
function numberOf(text, otherwise) {
  return /^\d{1,2}$/.test(text) ? Number(text) : otherwise;
}
