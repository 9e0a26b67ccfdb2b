/** Sharing: loaded when somebody shares for the first time, or looks at the links there are. */

import "./sharing-styles.js";
import "./elements/share-dialog.js";
