/** Which ink is legible on a colour. */

/**
 * White or black: one of the two has a contrast of at least 4.5 to any colour.
 * @param {string} colour #rrggbb
 */
export function inkOn(colour) {
  // WCAG weighs 0.2126, 0.7152, 0.0722: the limit is where both inks, by that measure, are well above what it asks.
  const luminance = [3, 10, 1].reduce((sum, weight, at) => sum + weight * parseInt(colour.substr(1 + 2 * at, 2), 16) ** 2.2, 0);
  return luminance > 496e3 ? "#000" : "#fff";
}
