/** The colours and sizes that an owner or a host page chooses, made legible. The arithmetic is pure. */

/** The grounds that coloured words stand on, by day and by night, as static/css/tokens.css has them: the darkest and the lightest. */
const GROUNDS = { light: "#f3f1eb", dark: "#20211d" };
/** What WCAG asks of words. */
const LEGIBLE = 4.5;
const STEP = 0.04;

/** @typedef {readonly [number, number, number]} Rgb each 0 to 255 */
/** @typedef {{fill: string, ink: string, light: string, dark: string}} Shades `fill` with `ink` on it, and the colour for words by day and by night */

/**
 * @param {string} color #rrggbb
 * @returns {Shades}
 */
export function shadesOf(color) {
  const given = rgbOf(color);
  return {
    fill: color,
    ink: contrast(given, [255, 255, 255]) >= LEGIBLE ? "#ffffff" : "#000000",
    light: hexOf(legible(given, rgbOf(GROUNDS.light), [0, 0, 0])),
    dark: hexOf(legible(given, rgbOf(GROUNDS.dark), [255, 255, 255])),
  };
}

/**
 * @param {Rgb} color
 * @param {Rgb} ground
 * @param {Rgb} towards
 * @returns {Rgb} the nearest shade that can be read on the ground
 */
function legible(color, ground, towards) {
  for (let share = 0; share < 1; share += STEP) {
    const shade = mixed(color, towards, share);
    if (contrast(shade, ground) >= LEGIBLE) return shade;
  }
  return towards;
}

/**
 * @param {Rgb} one
 * @param {Rgb} other
 * @returns {number} from 1 to 21
 */
export function contrast(one, other) {
  const [darker = 0, lighter = 0] = [luminance(one), luminance(other)].sort((a, b) => a - b);
  return (lighter + 0.05) / (darker + 0.05);
}

/** @param {Rgb} color */
function luminance(color) {
  const [red = 0, green = 0, blue = 0] = color.map((value) => {
    const part = value / 255;
    return part <= 0.04045 ? part / 12.92 : ((part + 0.055) / 1.055) ** 2.4;
  });
  return 0.2126 * red + 0.7152 * green + 0.0722 * blue;
}

/**
 * @param {Rgb} one
 * @param {Rgb} other
 * @param {number} share of the other
 * @returns {Rgb}
 */
function mixed([red, green, blue], [toRed, toGreen, toBlue], share) {
  const part = (/** @type {number} */ from, /** @type {number} */ to) => Math.round(from + (to - from) * share);
  return [part(red, toRed), part(green, toGreen), part(blue, toBlue)];
}

/**
 * @param {string} color #rrggbb
 * @returns {Rgb}
 */
export function rgbOf(color) {
  const at = (/** @type {number} */ from) => Number.parseInt(color.slice(from, from + 2), 16) || 0;
  return [at(1), at(3), at(5)];
}

/** @param {Rgb} color */
function hexOf(color) {
  return `#${color.map((value) => value.toString(16).padStart(2, "0")).join("")}`;
}

const COLOURS = ["--accent", "--accent-ink", "--accent-soft", "--brand", "--brand-ink"];

/**
 * @param {CSSStyleDeclaration} style of the page
 * @param {string} color "" is Parley's own
 */
export function showColor(style, color) {
  for (const name of COLOURS) style.removeProperty(name);
  if (!/^#[0-9a-f]{6}$/i.test(color)) return;
  const { fill, ink, light, dark } = shadesOf(color);
  style.setProperty("--brand", fill);
  style.setProperty("--brand-ink", ink);
  style.setProperty("--accent", `light-dark(${light}, ${dark})`);
  style.setProperty("--accent-ink", "light-dark(#ffffff, #000000)");
  style.setProperty("--accent-soft", `color-mix(in srgb, ${fill} 12%, var(--paper))`);
}

/**
 * @param {CSSStyleDeclaration} style
 * @param {number} font_px of the reader's usual 16
 * @param {number} radius_px
 */
export function showSizes(style, font_px, radius_px) {
  style.setProperty("font-size", `${Math.min(24, Math.max(12, font_px)) / 0.16}%`);
  style.setProperty("--radius-l", `${Math.min(32, Math.max(0, radius_px))}px`);
}
