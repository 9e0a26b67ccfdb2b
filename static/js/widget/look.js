/** What a widget looks like at the moment. */

import { inkOn } from "./colour.js";
import { icon, make, PATHS } from "./drawing.js";
import { STYLES } from "./options.js";
import { wordsIn } from "./words.js";

/** @import {Options} from "./options.js" */
/** @import {Widget} from "./record.js" */

/** The first language of page and visitor that we speak. @param {Options} said @returns {string} */
export const localeOf = (said) => /** @type {string} */ ([said.locale, document.documentElement.lang, ...navigator.languages, "en"].find((tag) => tag && wordsIn(tag)[1]));

/** @param {Widget} w @returns {string} how closing is called */
export function draw(w) {
  const { said_, root_, open_, full_, inline_, address_, launcher_ } = w;
  // What the chat says of the owner's profile has no part in where and how large we are.
  const look = { ...w.profile_, ...STYLES, ...said_ };
  const { color = "", launcherText = "", icon: name = "chat", theme } = /** @type {any} */ (look);
  const title = look.title || "Chat";
  const { style } = root_;
  const [opens, closes, waiting, failed, away = `${opens} ↗`] = /** @type {any} */ (wordsIn(localeOf(said_)));
  const unread = !open_ && w.unread_ ? `${w.unread_}` : "";
  // A side that only the profile names is meant for pages that are written from the left.
  const left = /left/.test(/** @type {string} */ (look.position)) !== (!said_.position && getComputedStyle(document.documentElement).direction === "rtl");

  // The end of the line is our side, whichever way our words are written.
  root_.dir = left ? "rtl" : "ltr";
  root_.className = ["root", open_ && "open", full_ && "full", inline_ && "inline", inline_ && said_.resize].join(" ");
  for (const property in STYLES) style.setProperty(`--${property}`, /** @type {any} */ (look)[property]);
  style.setProperty("--color", color);
  style.setProperty("--ink", color && inkOn(color));
  style.colorScheme = /light|dark/.test(theme) ? theme : "light dark";
  const ariaLabel = (open_ ? closes : launcherText || opens) + (unread && `, ${waiting.replace("#", unread)}`);
  Object.assign(launcher_, { ariaLabel, ariaExpanded: open_, hidden: !w.shown_ || full_ });
  launcher_.replaceChildren(icon(open_ ? "down" : PATHS[name] || said_.icon ? name : "chat"), make("span", { dir: "auto", hidden: !launcherText }, launcherText), make("b", { hidden: !unread }, unread));
  if (open_ || !w.shown_) w.teaser_.hidden = true;
  Object.assign(w.panel_, { ariaLabel: title, ariaModal: !!full_, inert: !open_ });
  Object.assign(w.close_, { ariaLabel: closes, hidden: w.own_ || inline_ });
  w.before_.hidden = w.after_.hidden = !full_;
  w.failure_.hidden = !address_;
  if (address_) w.failure_.replaceChildren(failed, make("a", { target: "_blank", href: address_ }, away));
  if (w.frame_) {
    w.frame_.title = title;
    w.frame_.hidden = /** @type {any} */ (address_);
  }
  return closes;
}
