/** One conversation of the list: its link, or its box while conversations are chosen, or the field for its new name. */

import { html, nothing } from "../../vendor/lit.js";
import { pathOf } from "../navigation.js";
import { say } from "../say.js";
import { fromShortlyBefore } from "../words.js";
import { foundWords } from "./found-words.js";
import { moreIcon } from "./later-icons.js";

/** @import {Conversation, Found} from "../objects.js" */

/**
 * @typedef {object} RowLook how a row stands in the list
 * @property {boolean} current whether it is in view
 * @property {boolean} running
 * @property {boolean} ready an answer ended while nobody looked
 * @property {boolean} here whether it is the one that the Tab key leads to
 * @property {boolean} menu whether its menu is open
 * @property {boolean} renaming
 * @property {boolean | null} chosen null while nobody is choosing
 * @property {readonly string[]} words that were searched for
 * @property {Found | null} found
 * @property {boolean} putAway archived, in a list where others are not
 */

/** Of more tags than have so many letters together only the first is shown in a row. */
const FEW_LETTERS = 10;

/** @param {{title: string}} conversation */
export const nameOf = ({ title }) => title || say("New conversation");

/**
 * What is done with a row is listened to by the list around it: thousands of rows have no listener of their own.
 * @param {Conversation} conversation
 * @param {RowLook} look
 */
export function conversationRow(conversation, look) {
  return html`<div class="row" role="listitem" data-id=${conversation.id} data-current=${look.current} data-ready=${look.ready}>
    ${look.renaming ? renaming(conversation) : look.chosen === null ? link(conversation, look) : box(conversation, look)}
  </div>`;
}

/**
 * @param {Conversation} conversation
 * @param {RowLook} look
 */
function link(conversation, look) {
  const name = nameOf(conversation);
  const tab = look.here ? "0" : "-1";
  return html`<a class="row-link" href=${pathOf(conversation.id)} tabindex=${tab} aria-current=${look.current ? "page" : nothing} title=${name}
      aria-keyshortcuts="F2 Delete Shift+F10">${words(conversation, look)}${marks(look)}</a>
    ${tags(conversation, (tag) => html`<button type="button" class="row-tag" tabindex=${tab} data-tag=${tag} aria-label=${say("Show all tagged “{tag}”", { tag })} title=${say("Show all tagged “{tag}”", { tag })}><span dir="auto">${tag}</span></button>`)}
    <button type="button" class="icon-button row-more" tabindex=${tab} aria-label=${say("Actions for “{name}”", { name })} aria-haspopup="menu" aria-expanded=${look.menu}>${moreIcon}</button>`;
}

/**
 * @param {Conversation} conversation
 * @param {RowLook} look
 */
function box(conversation, look) {
  return html`<label class="row-link"><input type="checkbox" class="row-box" tabindex=${look.here ? "0" : "-1"} .checked=${look.chosen === true} />
    ${words(conversation, look)}${marks(look)}${tags(conversation, (tag) => html`<span class="row-tag"><span dir="auto">${tag}</span></span>`)}</label>`;
}

/**
 * The tags, or the first and how many others there are: the title has to have room.
 * @param {Conversation} conversation
 * @param {(tag: string) => unknown} shown
 */
function tags({ tags: all }, shown) {
  if (!all.length) return nothing;
  const few = all.length < 3 && all.join("").length <= FEW_LETTERS;
  const [some, more] = few ? [all, []] : [all.slice(0, 1), all.slice(1)];
  return html`<span class="row-tags">${some.map(shown)}${more.length ? html`<span class="row-tags-more" title=${more.join(", ")}><span aria-hidden="true">+${more.length}</span><span class="visually-hidden">${more.join(", ")}</span></span>` : nothing}</span>`;
}

/**
 * @param {Conversation} conversation
 * @param {RowLook} look
 */
function words(conversation, { words: sought, found, putAway }) {
  const title = html`<span class="row-title" dir="auto">${foundWords(nameOf(conversation), sought)}</span>`;
  const excerpt = found && found.message !== null ? fromShortlyBefore(found.excerpt, sought) : "";
  if (!excerpt && !putAway) return title;
  return html`<span class="row-words">${title}
    <span class="row-excerpt" dir="auto">${putAway ? html`<span class="row-place">${say("Archived")}${excerpt ? " · " : ""}</span>` : nothing}${foundWords(excerpt, sought)}</span></span>`;
}

/** @param {RowLook} look */
function marks({ running, ready }) {
  if (running) return html`<span class="row-running" title=${say("Answering")}><span class="visually-hidden">${say(", answering")}</span></span>`;
  return ready ? html`<span class="row-ready" title=${say("New answer")}><span class="visually-hidden">${say(", new answer")}</span></span>` : nothing;
}

/** @param {Conversation} conversation */
function renaming(conversation) {
  return html`<form class="row-rename">
    <input name="title" aria-label=${say("Title of the conversation")} maxlength="200" autocomplete="off" dir="auto" .value=${nameOf(conversation)} />
  </form>`;
}
