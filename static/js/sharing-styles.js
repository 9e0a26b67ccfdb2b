/** Puts the style sheet of sharing in force: without a request, and before any of its elements is drawn. */

import styles from "../css/share.css";

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);
document.adoptedStyleSheets.push(sheet);
