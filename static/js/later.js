/**
 * What the first answer can do without: the list's rows, the dialogs, menus, commands and keys, what the composer offers
 * beside typing, what stands below an ended answer. Loaded when everything before it is there, and asked for until it is;
 * until then the first style sheet keeps the places of its elements free. Its own style sheet is in force before any of them.
 */

// What was loaded before is there already. Naming it makes the bundler keep all that they share in that file; so does what
// is loaded when it is first asked for, by static/third_party/shares_all.js.
import "./main.js";
import "./messages.js";
import "./later-styles.js";
import { follow, keyed, pasted, put, writeLong } from "./elements/field-offers.js";
import "./elements/answer-footer.js";
import "./elements/answer-outline.js";
import "./elements/attach-button.js";
import "./elements/command-palette.js";
import "./elements/conversation-list.js";
import "./elements/dictation.js";
import "./elements/draft-files.js";
import "./elements/found-bar.js";
import "./elements/held-message.js";
import "./elements/menu-button.js";
import "./elements/model-picker.js";
import "./elements/options-dialog.js";
import "./elements/private-bar.js";
import "./elements/question-editor.js";
import "./elements/site-notice.js";
import "./elements/selection-quote.js";
import "./elements/settings-dialog.js";
import "./elements/share-button.js";
import "./elements/shortcuts-dialog.js";
import "./elements/sidebar-foot.js";
import "./elements/snippet-list.js";
import "./elements/snippets-dialog.js";
import "./elements/undo-notice.js";

export { visitorChanged } from "./actions/visitor.js";
export { laterActions } from "./actions/later.js";
export { announce } from "./elements/announcements.js";
export { askedFor, perform } from "./elements/performing.js";
export { HttpLink } from "./http-link.js";
export { firstWords } from "./first-words.js";
export { watchHeld } from "./holding.js";
export { upload } from "./upload.js";

/** What the composer's field offers beside typing. */
export const offers = { follow, keyed, pasted, put, writeLong };
