/**
 * The shared page with a script: the chat's rendering near the window, versions without a reload, and a live share followed
 * as it is written. All of it is there to read without this. It keeps nothing in the reader's browser.
 */

import { answerClicked } from "./elements/answer-tools.js";
import { announce } from "./elements/announcements.js";
import { EndKeeper } from "./elements/keep-at-end.js";
import { watchPresence } from "./presence.js";
import { Articles } from "./shared/articles.js";
import { newState, shownOf } from "./shared/content.js";
import { Following } from "./shared/following.js";
import { jumpButton, listOf } from "./shared/page-parts.js";
import { placeOf } from "./shared/place.js";
import { inLanguage } from "./shared/moment.js";
import { stateLine } from "./shared/state-line.js";
import "./shared/styles.js";
import { isAnswer } from "./objects.js";
import { Store } from "./store.js";

/** @import {Heard} from "./elements/announcements.js" */
/** @import {State} from "./state.js" */

/** The page, once. */
class SharedPage {
  /** @param {HTMLElement} page */
  constructor(page) {
    this.place = placeOf(page, location.pathname);
    this.parts = listOf(page);
    this.store = new Store(newState());
    this.following = new Following(this.place, this.store, {
      over: () => this.paint(this.store.state),
      // Not `reload()`: of a page that a door's form opened it would send the form once more.
      anew: () => location.replace(location.pathname + location.search),
    });
    this.articles = new Articles(this.parts.list, this.place, (message) => this.choose(message));
    this.jump = jumpButton(page, () => this.keeper.attach());
    this.keeper = new EndKeeper(() => this.moved());
    /** Whether something was written while the reader was elsewhere. */
    this.news = false;
    /** Whether it was connected before. */
    this.linked = false;
    /** @type {Heard | null} */
    this.heard = null;
  }

  start() {
    const { list } = this.parts;
    inLanguage(document);
    list.addEventListener("click", answerClicked);
    list.addEventListener("submit", (event) => this.submitted(event));
    this.store.paint = (state) => this.paint(state);
    this.watchEnd();
    watchPresence({
      onWake: (options) => this.following.wake(options),
      onTick: () => void this.following.look(),
      onLook: () => {},
    });
    void this.following.start();
  }

  /** Goes along with the end when the reader is there, and with nothing before that. */
  watchEnd() {
    const { scrollingElement } = document;
    if (!(scrollingElement instanceof HTMLElement)) return;
    const below = scrollingElement.scrollHeight - scrollingElement.clientHeight - scrollingElement.scrollTop;
    if (below > 1) this.keeper.release();
    this.keeper.watch(scrollingElement, this.parts.list, document);
  }

  /** The reader has gone from the end, or come back to it. */
  moved() {
    const { attached, atEnd } = this.keeper;
    if (attached || atEnd) this.news = false;
    this.jump.hidden = !this.news;
  }

  /** @param {State} state */
  paint(state) {
    const { following, place, parts } = this;
    if (state.mode === "socket" || state.mode === "http") this.linked = true;
    const { kind, words } = stateLine(state.mode, { live: place.live, ended: following.ended, linked: this.linked });
    parts.say(kind, words);
    if (state.open.status !== "ready") return;
    const shown = shownOf(state.messages, state.leaf, place.scope);
    this.articles.show(shown);
    this.news ||= this.heard !== null && this.heard.answer !== shown.at(-1)?.message;
    this.moved();
    const newest = shown.at(-1)?.message;
    const answer = newest && isAnswer(newest) ? newest : null;
    const { heard, say } = announce(this.heard, { view: state.open.view, answer, spoken: "ends" }, performance.now());
    // What was complete when the page was opened is no news.
    if (say && this.heard) parts.tell(say);
    this.heard = heard;
    parts.questions(shown);
    parts.title(state.open.conversation?.title ?? "");
  }

  /**
   * A version was asked for by the server's own form.
   * @param {SubmitEvent} event
   */
  submitted(event) {
    const { submitter } = event;
    if (!(submitter instanceof HTMLButtonElement) || submitter.name !== "branch" || !this.store.state.messages.has(submitter.value)) return;
    event.preventDefault();
    this.choose(submitter.value);
  }

  /** @param {string} message */
  choose(message) {
    this.following.chosen = true;
    this.keeper.release();
    this.store.dispatch({ type: "choose", message });
    this.paint(this.store.state);
    // The button that was pressed has gone with the version it stood in.
    const article = document.querySelector(`[data-message="${CSS.escape(message)}"]`);
    const button = article?.querySelector(".switcher button:not([disabled])");
    if (button instanceof HTMLElement) button.focus({ preventScroll: true });
  }
}

const page = document.querySelector("main[data-share]");
if (page instanceof HTMLElement) new SharedPage(page).start();
