/** A message that came while the shared page was open, as the server would have written it. Only elements and text nodes. */

import { isAnswer } from "../objects.js";
import { aboutFile, isPicture } from "../state/attached.js";
import { say } from "../say.js";
import { momentText } from "./moment.js";
import { pathIn } from "./place.js";

/** @import {Answer, Attachment, Message} from "../objects.js" */
/** @import {Place} from "./place.js" */

/**
 * @param {Message | Answer} message
 * @param {Place} place
 * @returns {HTMLElement} its article; an answer's text is still to come
 */
export function newArticle(message, place) {
  const article = element("article", isAnswer(message) ? "answer" : "question");
  article.id = `m-${message.id}`;
  article.tabIndex = -1;
  article.dataset["message"] = message.id;
  article.setAttribute("aria-labelledby", `s-${message.id}`);
  article.append(head(message));
  if (isAnswer(message)) {
    Object.assign(article.dataset, { answer: message.id, status: message.status });
    article.append(withText(element("div", "markdown")));
  } else {
    article.dataset["role"] = message.role;
    if (message.attachments.length) article.append(files(message.attachments, place));
    article.append(withText(element("p", "question-text"), message.text));
  }
  return article;
}

/** @param {Message | Answer} message */
function head(message) {
  const header = element("header", "message-head");
  const speaker = element("h2", "speaker");
  speaker.id = `s-${message.id}`;
  speaker.append(...who(message));
  header.append(speaker);
  if (!isAnswer(message)) header.append(moment(message.created_at_ms));
  return header;
}

/**
 * Who speaks, for the eyes and for the ears. Who asks is on the page already, with the author's name where there is one.
 * @param {Message | Answer} message
 * @returns {(Node | string)[]}
 */
function who(message) {
  if (message.role === "system") return [say("System")];
  if (!isAnswer(message)) {
    const before = document.querySelector('.question[data-role="user"] .speaker');
    return before ? [...before.cloneNode(true).childNodes] : [say("Question")];
  }
  if (!message.model) return [say("Answer")];
  const name = document.createElement("bdi");
  name.setAttribute("aria-hidden", "true");
  name.textContent = message.model;
  const told = element("span", "visually-hidden");
  told.textContent = say("Answer by {name}", { name: message.model });
  return [told, name];
}

/** @param {number} when_ms */
function moment(when_ms) {
  const time = withText(document.createElement("time"), momentText(when_ms));
  time.dateTime = new Date(when_ms).toISOString();
  return time;
}

/**
 * @param {readonly Attachment[]} attachments
 * @param {Place} place
 */
function files(attachments, place) {
  const list = element("ul", "files");
  for (const file of attachments) {
    const address = pathIn(place, `files/${encodeURIComponent(file.id)}`);
    const item = document.createElement("li");
    item.append(isPicture(file) ? picture(file, address) : chip(file, address));
    list.append(item);
  }
  return list;
}

/**
 * @param {Attachment} file
 * @param {string} address
 */
function picture({ name }, address) {
  const link = element("a", "file-picture");
  link.href = address;
  link.target = "_blank";
  link.rel = "noopener";
  const image = document.createElement("img");
  image.src = address;
  image.alt = name;
  image.loading = "lazy";
  link.append(image);
  return link;
}

/**
 * @param {Attachment} file
 * @param {string} address
 */
function chip(file, address) {
  const { name, withheld = false } = file;
  const chip = element(withheld ? "span" : "a", "file-chip");
  if (chip instanceof HTMLAnchorElement) {
    chip.href = address;
    chip.download = name;
  }
  const words = element("span", "file-words");
  words.append(withText(element("span", "file-name"), name), withText(element("span", "file-about"), withheld ? say("Not shared: a PDF cannot be masked") : aboutFile(file)));
  chip.append(words);
  return chip;
}

/**
 * @template {keyof HTMLElementTagNameMap} K
 * @param {K} tag
 * @param {string} name its class
 * @returns {HTMLElementTagNameMap[K]}
 */
export function element(tag, name) {
  const made = document.createElement(tag);
  made.className = name;
  return made;
}

/**
 * @template {HTMLElement} E
 * @param {E} made
 * @param {string} [words] in any language
 * @returns {E}
 */
function withText(made, words = "") {
  made.dir = "auto";
  made.textContent = words;
  return made;
}
