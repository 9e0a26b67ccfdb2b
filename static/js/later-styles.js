/** Puts the later style sheet in force: without a request, and before any element that needs it is drawn. */

import styles from "../css/later.css";

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);
document.adoptedStyleSheets.push(sheet);
