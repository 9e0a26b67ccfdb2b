/**
 * The messages of the shared page. The server wrote them; the script takes over those near the window, adds what comes,
 * and takes away what another version hides. What the reader has selected or focused stays.
 */

import { isAnswer } from "../objects.js";
import { Growing } from "./growing.js";
import { newArticle } from "./new-article.js";
import { showEnding, showReasoning, showVersions } from "./parts.js";

/** @import {Answer} from "../objects.js" */
/** @import {Shown} from "../state/tree.js" */
/** @import {Place} from "./place.js" */

/** How far from the window an answer is taken over. */
const MARGIN = "60% 0px";

/**
 * @typedef {object} Article
 * @property {HTMLElement} element
 * @property {Shown | null} item as it was shown last
 * @property {Growing | null} growing once the script has taken the answer over
 * @property {boolean} near
 */

/** The list of them. */
export class Articles {
  #list;
  #place;
  #choose;
  /** @type {Map<string, Article>} by message id, also those of hidden versions */
  #articles = new Map();
  /** @type {WeakMap<Element, Article>} */
  #byElement = new WeakMap();
  #sight = new IntersectionObserver((entries) => this.#seen(entries), { rootMargin: MARGIN });

  /**
   * @param {HTMLElement} list with the server's articles
   * @param {Place} place
   * @param {(message: string) => void} choose shows another version
   */
  constructor(list, place, choose) {
    this.#list = list;
    this.#place = place;
    this.#choose = choose;
    for (const element of list.querySelectorAll("[data-message]")) {
      if (element instanceof HTMLElement) this.#adopt(element.dataset["message"] ?? "", element);
    }
  }

  /** @param {readonly Shown[]} shown all that is to be seen, in its order */
  show(shown) {
    if (shown.length) this.#list.querySelector(":scope > .shared-note")?.remove();
    const wanted = new Set(shown.map(({ message }) => message.id));
    for (const [id, { element }] of this.#articles) if (!wanted.has(id) && element.isConnected) element.remove();
    /** @type {Element | null} */
    let before = null;
    for (const item of shown) {
      const article = this.#articles.get(item.message.id) ?? this.#adopt(item.message.id, newArticle(item.message, this.#place));
      /** @type {Element | null} */
      const here = before ? before.nextElementSibling : this.#list.firstElementChild;
      if (here !== article.element) this.#list.insertBefore(article.element, here);
      before = article.element;
      this.#update(article, item);
    }
  }

  /**
   * @param {string} id
   * @param {HTMLElement} element
   * @returns {Article}
   */
  #adopt(id, element) {
    const article = { element, item: null, growing: null, near: false };
    this.#articles.set(id, article);
    this.#byElement.set(element, article);
    this.#sight.observe(element);
    return article;
  }

  /**
   * @param {Article} article
   * @param {Shown} item
   */
  #update(article, item) {
    const old = article.item;
    article.item = item;
    if (old?.siblings.join() !== item.siblings.join()) showVersions(article.element, item, this.#choose);
    if (isAnswer(item.message) && old?.message !== item.message) this.#draw(article, item.message);
  }

  /**
   * @param {Article} article
   * @param {Answer} answer
   */
  #draw(article, answer) {
    const { element } = article;
    const container = element.querySelector(".markdown");
    if (!(container instanceof HTMLElement)) return;
    // What the server wrote of an answer that is complete is good to read until it comes near.
    const written = element.dataset["status"] !== "running" && answer.status !== "running" && !article.growing;
    if (written && (!article.near || holdsSelection(element))) return;
    article.growing ??= new Growing(container, `${answer.id}-`);
    article.growing.show(answer);
    element.dataset["status"] = answer.status;
    showReasoning(element, answer);
    showEnding(element, answer, this.#place.live);
  }

  /** @param {readonly IntersectionObserverEntry[]} entries */
  #seen(entries) {
    for (const { target, isIntersecting } of entries) {
      const article = this.#byElement.get(target);
      if (!article) continue;
      article.near = isIntersecting;
      const message = article.item?.message;
      if (isIntersecting && !article.growing && message && isAnswer(message)) this.#draw(article, message);
    }
  }
}

/**
 * @param {Element} element
 * @returns {boolean} whether words in it are selected
 */
function holdsSelection(element) {
  const selection = getSelection();
  return selection !== null && !selection.isCollapsed && selection.containsNode(element, true);
}
