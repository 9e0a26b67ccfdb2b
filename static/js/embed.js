/**
 * The chat inside another site's page, in a frame; or on a page of its own, as a small chat. The server wrote the beginning:
 * nothing is asked for, kept or connected before the visitor's first question.
 */

import { announce } from "./elements/announcements.js";
import { EndKeeper } from "./elements/keep-at-end.js";
import { Attention } from "./embed/attention.js";
import { Chat } from "./embed/chat.js";
import { Composer } from "./embed/composer.js";
import { make } from "./embed/drawing.js";
import { Head } from "./embed/head.js";
import { watchHeight } from "./embed/height.js";
import { Host } from "./embed/host.js";
import { Log } from "./embed/log.js";
import { menuItems } from "./embed/menu-items.js";
import { showColor, showSizes } from "./embed/look.js";
import { network } from "./embed/network.js";
import { noticeLine } from "./embed/notice.js";
import { placeOf, wantedPlace } from "./embed/place.js";
import { Session } from "./embed/session.js";
import { kept, nowhere } from "./embed/storage.js";
import { joined } from "./draft.js";
import { watchKeyboard } from "./keyboard.js";
import { isAnswer } from "./objects.js";
import { say } from "./say.js";
import { draftKey } from "./state.js";
import { questionsToShow } from "./state/view.js";

/** @import {Heard} from "./elements/announcements.js" */
/** @import {Look, Options} from "./embed/port-messages.js" */
/** @import {State} from "./state.js" */

/** A loader says hello when the page has loaded. Where none has by then, this is a frame without one. */
const HELLO_MS = 400;
const root = document.documentElement;

/** The page, once. */
class EmbedPage {
  /** Whether the panel is shown; without a loader it always is. */
  #open = true;
  /** @type {Heard | null} */
  #heard = null;

  /** @param {HTMLElement} page as the server wrote it */
  constructor(page) {
    this.place = placeOf(page.dataset);
    const { embed } = this.place;
    // Where nothing is to be kept, no draft is either.
    this.visit = kept(() => (this.place.storage === "memory" ? nowhere() : sessionStorage), embed);
    this.session = new Session(this.place, network, kept(() => localStorage, embed));
    this.chat = new Chat(this.place, this.session, this.visit);
    const ask = (/** @type {string} */ text) => void this.ask(text);
    this.log = new Log(part(page, ".embed-messages"), { ask, redo: (type, answer) => this.chat.redo(type, answer), choose: (message) => this.chat.choose(message) });
    this.composer = new Composer(form(page), this.visit, { send: ask, stop: () => this.chat.stop() });
    this.head = new Head(part(page, ".embed-head"), () => menuItems(this.chat, {
      renewed: () => this.composer.area.focus(),
      tell: (words) => (this.notice.textContent = words), // which is read out, too
    }));
    this.notice = part(page, ".embed-notice");
    this.told = make("p", "visually-hidden");
    this.told.setAttribute("role", "status");
    this.jump = Object.assign(make("button", "jump", say("Jump to latest")), { type: "button", hidden: true });
    this.jump.addEventListener("click", () => this.keeper.attach());
    this.log.list.after(this.jump);
    page.append(this.told);
    this.keeper = new EndKeeper(() => this.moved());
    this.attention = new Attention(this.visit, (count) => this.host.unread(count));
    this.host = new Host(this.place, this.chat, {
      adopt: (opts) => this.adopt(opts),
      preview: (look) => this.preview(look),
      opened: (shown) => this.opened(shown),
      focus: (to) => this.focus(to),
      prefill: (text) => this.composer.write(text),
      greet: (name) => this.head.greet(name),
      theme: (theme, color) => this.theme(theme, color),
      viewport: (fullscreen) => void root.toggleAttribute("data-fullscreen", fullscreen),
      unread: () => this.attention.count,
      forgets: () => this.forgets,
      destroy: () => this.chat.end(),
    });
    this.page = page;
  }

  start() {
    const { chat, place, session } = this;
    showColor(root.style, place.color);
    showSizes(root.style, place.font_px, place.radius_px);
    root.toggleAttribute("data-compact", place.compact);
    if (window.parent === window) watchKeyboard();
    chat.store.paint = (state) => this.paint(state);
    // A frame that is not shown paints nothing; what it counts and tells goes by what it knows.
    chat.store.watch((state, before) => {
      if (state.mode !== before.mode) root.dataset.connection = state.mode;
      this.attention.follow(chat.shown(state), this.looking);
      this.takeBack(state);
    });
    session.onWay = (way) => {
      if (way === "none" && this.place.storage !== "memory" && this.place.resume !== "never") chat.telling.error("storage_blocked");
      this.paint(chat.store.state);
    };
    this.keeper.watch(this.log.list, this.log.content);
    watchHeight(this.page, this.log.list, this.log.content, (height) => this.host.resize(height));
    this.listen();
    root.dataset.embed = "ready";
    if (window.parent === window) void chat.restore();
    else addEventListener("load", () => setTimeout(() => void chat.restore(), HELLO_MS), { once: true });
  }

  listen() {
    document.addEventListener("keydown", (event) => this.keyed(event));
    document.addEventListener("visibilitychange", () => this.looked());
    document.addEventListener("pointerdown", () => this.chat.line.up && this.chat.rest.touch(), { passive: true });
    addEventListener("online", () => (this.host.again(), this.chat.wake(true)));
    addEventListener("pageshow", ({ persisted }) => persisted && this.chat.wake(true));
  }

  /** @param {string} text */
  async ask(text) {
    if (this.chat.busy) return this.giveBack(text);
    this.keeper.attach();
    const { composer, host } = this;
    if (!host.becoming) return this.chat.send(text);
    // A reload must not lose what waits for that.
    composer.hold(text);
    try {
      await host.identified();
    } finally {
      composer.hold("");
      if (this.chat.busy) this.giveBack(text);
      else this.chat.send(text);
    }
  }

  /** @param {string} text that was not asked */
  giveBack(text) {
    this.composer.write(joined(text, this.composer.text));
  }

  /** Whether another page would not have what stands here. */
  get forgets() {
    const { open, outbox } = this.chat.store.state;
    const memory = this.place.storage === "memory";
    return (memory || this.session.way === "none") && (open.id !== null || (memory && (this.composer.text !== "" || outbox.length > 0)));
  }

  /** @param {State} state */
  paint(state) {
    const { chat, composer } = this;
    const shown = chat.shown(state);
    const { busy } = chat;
    this.log.show(shown, questionsToShow(state), busy);
    composer.show(busy);
    const { way } = this.session;
    const line = noticeLine(state, { busy, up: chat.line.up, way, forgets: this.place.resume !== "never" });
    if (this.notice.textContent !== line.words) this.notice.textContent = line.words;
    this.notice.dataset["kind"] = line.kind;
    const newest = shown.at(-1)?.message;
    const answer = newest && isAnswer(newest) ? newest : null;
    const { heard, say: words } = announce(this.#heard, { view: state.open.view, answer, spoken: "ends" }, performance.now());
    if (words) this.told.textContent = words;
    this.#heard = heard;
    this.moved();
  }

  get looking() {
    return this.#open && document.visibilityState === "visible";
  }

  /**
   * What the server did not take stands in the composer again.
   * @param {State} state
   */
  takeBack(state) {
    const key = draftKey(state.open);
    const draft = state.drafts[key];
    if (!draft) return;
    const { notice } = state;
    this.chat.store.dispatch({ type: "draft", key, text: "" });
    if (notice) this.chat.store.dispatch({ type: "notice", message: notice.message });
    this.giveBack(draft);
  }

  moved() {
    this.jump.hidden = this.keeper.attached || this.keeper.atEnd;
  }

  looked() {
    this.attention.follow(this.chat.shown(), this.looking);
    if (this.looking) this.chat.wake();
  }

  /** @param {boolean} shown */
  opened(shown) {
    this.#open = shown;
    if (!shown) this.head.menu.close();
    this.looked();
  }

  /** @param {Options} opts */
  adopt(opts) {
    const place = wantedPlace(this.place, opts);
    this.place = place;
    this.session.place(place, opts);
    this.chat.place(place);
    this.#open = this.host.mode === "inline";
    if (this.#open) this.head.removeClose();
    else this.head.addClose(() => this.host.close("button"));
    this.theme(opts.theme ?? null, place.color);
    root.toggleAttribute("data-compact", place.compact);
    if (opts.title) this.head.name(opts.title);
    if (opts.greeting || opts.starters?.length) this.log.begin(opts.greeting ?? this.log.greeting, opts.starters ?? this.log.starters);
    if (opts.prefill && !this.composer.text) this.composer.write(opts.prefill);
    this.attention.follow(this.chat.shown(), this.looking);
    void this.chat.restore();
  }

  /** @param {Look} look */
  preview(look) {
    if (look.title !== undefined) this.head.name(look.title);
    if (look.disclosure !== undefined) this.head.disclose(look.disclosure);
    if (look.greeting !== undefined || look.starters) this.log.begin(look.greeting ?? this.log.greeting, look.starters ?? this.log.starters);
    this.theme(look.theme ?? null, look.color ?? null);
    if (look.font_px !== undefined || look.radius_px !== undefined) showSizes(root.style, look.font_px ?? this.place.font_px, look.radius_px ?? this.place.radius_px);
  }

  /**
   * @param {string | null} theme
   * @param {string | null} color
   */
  theme(theme, color) {
    if (theme === "light" || theme === "dark") root.dataset.theme = theme;
    else if (theme === "auto") delete root.dataset.theme;
    if (color !== null) showColor(root.style, color);
  }

  /** @param {"composer" | "heading" | "first" | "last"} to */
  focus(to) {
    if (to === "heading") return this.head.focus();
    if (to === "composer") return this.composer.area.focus();
    const inside = [...this.page.querySelectorAll("a[href], button:not(:disabled), textarea, [tabindex='0']")].filter((element) => element.checkVisibility?.() ?? true);
    const target = to === "first" ? inside[0] : inside.at(-1);
    if (target instanceof HTMLElement) target.focus();
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (this.chat.line.up) this.chat.rest.touch();
    if (event.key !== "Escape" || event.isComposing || event.defaultPrevented) return;
    if (this.head.menu.open) this.head.menu.close(true);
    else if (!this.host.close("escape")) return;
    event.preventDefault();
  }
}

/**
 * @param {HTMLElement} page
 * @param {string} selector
 * @returns {HTMLElement}
 */
function part(page, selector) {
  const found = page.querySelector(selector);
  if (!(found instanceof HTMLElement)) throw new Error(`The page has no ${selector}.`);
  return found;
}

/** @param {HTMLElement} page */
function form(page) {
  const found = page.querySelector("form");
  if (!found) throw new Error("The page has no composer.");
  return found;
}

const page = document.getElementById("embed");
if (page && window.origin !== "null") new EmbedPage(page).start();
