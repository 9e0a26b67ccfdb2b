/** The messages and their Markdown: the part of the page that is loaded beside the shell and is there before the first answer. */

// What was loaded first is there already. Naming it here makes the bundler keep all that they share in one file, the first.
import "./main.js";
import "./elements/message-list.js";
