/** Puts the style of what only the script makes in force: without a request, and not before it is needed. */

import styles from "../../css/shared-live.css";

const sheet = new CSSStyleSheet();
sheet.replaceSync(styles);
document.adoptedStyleSheets.push(sheet);
