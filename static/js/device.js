/** How the page looks and behaves on this device; kept in its browser, shared by its tabs. Pure. */

/**
 * @typedef {object} Device
 * @property {"system" | "light" | "dark"} theme
 * @property {"enter" | "ctrl-enter"} send_key what sends a message
 * @property {"quiet" | "ends" | "sentences"} spoken what a screen reader is told of answers
 * @property {boolean} wrap_code whether long lines of code are wrapped
 * @property {"shown" | "hidden"} sidebar whether the list stands beside the page, where there is room for it
 * @property {boolean} dictates whether the reader knows where the sound goes that is dictated
 */

/** @type {Device} */
export const NEW_DEVICE = { theme: "system", send_key: "enter", spoken: "ends", wrap_code: false, dictates: false, sidebar: "shown" };

/** @type {{[K in keyof Device]: readonly Device[K][]}} */
const CHOICES = {
  theme: ["system", "light", "dark"],
  send_key: ["enter", "ctrl-enter"],
  spoken: ["quiet", "ends", "sentences"],
  wrap_code: [false, true],
  sidebar: ["shown", "hidden"],
  dictates: [false, true],
};

/**
 * The settings as they were kept; what is damaged or missing is as on a new device.
 * @param {unknown} stored
 * @returns {Device}
 */
export function readDevice(stored) {
  if (typeof stored !== "object" || stored === null) return NEW_DEVICE;
  const known = Object.entries(stored).filter(([name, value]) => {
    const choices = /** @type {Record<string, readonly unknown[]>} */ (CHOICES)[name];
    return choices?.includes(value);
  });
  return { ...NEW_DEVICE, ...Object.fromEntries(known) };
}
