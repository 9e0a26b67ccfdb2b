/** Puts the style sheet of what is loaded when it is first asked for in force: the hand-off, and what is stored about a visitor. */

import styles from "../../css/my-data.css";

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);
document.adoptedStyleSheets.push(sheet);
