/** The elements of a widget, in a shadow root: what is in it is out of reach of the page's style sheets, and the other way round. */

import styles from "../../css/widget.css";
import { load, reach } from "./chat.js";
import { button, make, sheetOf } from "./drawing.js";
import { growthLimit } from "./growth.js";
import { hide, show } from "./opening.js";

/** @import {Options} from "./options.js" */
/** @import {Widget} from "./record.js" */

/** @param {Options} said_ @param {string} source_ @returns {Widget} */
export function widget(said_, source_) {
  const inline_ = said_.mode === "inline";
  const close_ = button("close", () => hide(w, "button"), "✕");
  const launcher_ = button("launcher", () => (w.open_ ? hide(w, "button") : show(w, "button", launcher_)));
  // Its link is without an opener by itself: whoever has constructed sheets has that too.
  const failure_ = make("p", { role: "alert" });
  const [before_, after_] = /** @type {[HTMLElement, HTMLElement]} */ ([0, 0].map((tabIndex) => make("span", { tabIndex })));
  const panel_ = make("div", { id: "panel", className: "panel", role: inline_ ? "region" : "dialog", tabIndex: -1 }, before_, close_, failure_, after_);
  const teaser_ = make("div", { className: "teaser", role: "status", hidden: true });
  const root_ = make("div", {}, launcher_, teaser_, panel_);
  const host_ = make(/** @type {"div"} */ ("parley-embed"), {});
  /** @type {Widget} */
  const w = {
    said_,
    source_,
    inline_,
    close_,
    launcher_,
    failure_,
    before_,
    after_,
    panel_,
    teaser_,
    root_,
    host_,
    open_: inline_,
    shown_: !inline_ && said_.mode !== "none",
    due_: new Map(),
    asked_: new Map(),
    listeners_: new Set(),
    grows_: growthLimit(),
  };
  launcher_.setAttribute("aria-controls", "panel");
  launcher_.ariaHasPopup = "dialog";
  const shadow = host_.attachShadow({ mode: "open" });
  shadow.adoptedStyleSheets = [sheetOf(styles)];
  shadow.append(root_);
  launcher_.onpointerenter = launcher_.onfocus = () => {
    if (!w.open_ && !/idle|none/.test(/** @type {string} */ (said_.preload))) load(w);
  };
  // The full screen is all there is: the focus goes around in it.
  before_.onfocus = () => reach(w, "last");
  after_.onfocus = () => (close_.hidden ? reach(w, "first") : close_.focus());
  root_.onkeydown = ({ key }) => {
    if (key === "Escape") hide(w, "escape");
  };
  return w;
}
