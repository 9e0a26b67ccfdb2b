/** `<answer-footer>`: what can be done with an answer that has ended, and the facts of its making. */

import { html, nothing } from "../../vendor/lit.js";
import { facts, remedy } from "../facts.js";
import { plainText } from "../plain-text.js";
import { say } from "../say.js";
import { branchSwitch } from "./branch-switch.js";
import { copyText, copyWithNotice } from "./clipboard.js";
import { deletion } from "./deletion.js";
import { copyIcon, deleteIcon, stopIcon } from "./icons.js";
import { againIcon, continueIcon, factsIcon, quoteIcon, speakIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";
import { canRead, readAloud, stopReading } from "./reading-aloud.js";
import { selectedText } from "./selection.js";

/** @import {TreeNode} from "../markdown/nodes.js" */
/** @import {Answer, Model} from "../objects.js" */
/** @import {MenuItem} from "./menu-button.js" */

/** What stands below an answer. */
export class AnswerFooter extends LightElement {
  /** @override */
  static properties = {
    answer: { attribute: false },
    siblings: { attribute: false },
    busy: { attribute: false },
    waiting: { attribute: false },
    models: { attribute: false },
    tree: { attribute: false },
    factsShown: { state: true },
    deleting: { state: true },
    reading: { state: true },
    said: { state: true },
  };

  constructor() {
    super();
    /** @type {Answer | null} an ended one */
    this.answer = null;
    /** @type {readonly string[]} the answers to the same question, this one included */
    this.siblings = [];
    /** Whether something runs in this conversation, so that nothing else may begin. */
    this.busy = false;
    /** @type {"again" | "continue" | null} what was asked of this answer and not acknowledged yet */
    this.waiting = null;
    /** @type {readonly Model[]} who can be asked instead */
    this.models = [];
    /** @type {() => readonly TreeNode[] | null} what the answer was read as; null before that */
    this.tree = () => null;
    this.factsShown = false;
    this.deleting = false;
    /** Whether it is being read aloud. */
    this.reading = false;
    /** What the menu's last action has to say. */
    this.said = "";
    /** @type {ReturnType<typeof setTimeout> | undefined} */
    this.clock = undefined;
  }

  /** @override */
  render() {
    const { answer } = this;
    if (!answer) return nothing;
    const cure = remedy(answer, Date.now());
    if (cure && cure.wait_s > 0) this.tick();
    return html`
      <div class="answer-actions">
        ${cure ? this.cure(cure) : nothing}
        ${answer.text ? html`<button type="button" class="quiet-button copy-answer" @click=${this.copy}>${copyIcon}<span class="button-text">${say("Copy")}</span></button>` : nothing}
        ${cure?.what === "again" ? nothing : this.action("again", say("Again"), againIcon)}
        ${branchSwitch({ siblings: this.siblings, shown: answer.id, kind: "answer", choose: (message) => this.emit("message-choose", { message }) })}
        <menu-button .label=${say("More about this answer")} .items=${this.items} .shape=${"quiet-button"}></menu-button>
        ${this.reading ? html`<button type="button" class="quiet-button" data-action="stop-reading" @click=${stopReading}>${stopIcon}<span>${say("End reading")}</span></button>` : nothing}
        <span class="footer-said" role="status">${this.said}</span>
      </div>
      ${this.deleting ? deletion({ onDelete: () => this.emit("message-delete", { message: answer.id }), onKeep: () => void this.keep() }) : nothing}
      ${this.factsShown ? this.facts(answer) : nothing}
    `;
  }

  /** @returns {string} the answer as plain text */
  words() {
    const tree = this.tree();
    return tree ? plainText(tree) : (this.answer?.text ?? "");
  }

  /** @param {{what: "continue" | "again", label: string, wait_s: number}} cure */
  cure({ what, label, wait_s }) {
    const icon = what === "continue" ? continueIcon : againIcon;
    return this.action(what, wait_s > 0 ? say("{what} in {seconds} s", { what: label, seconds: wait_s }) : label, icon, wait_s > 0);
  }

  /**
   * @param {"again" | "continue"} what
   * @param {string} label
   * @param {unknown} icon
   * @param {boolean} [early]
   */
  action(what, label, icon, early = false) {
    const text = this.waiting === what ? say("Starting…") : label;
    const act = () => this.answer && this.emit(`answer-${what}`, { answer: this.answer.id });
    return html`<button type="button" class="quiet-button" data-action=${what} ?disabled=${this.busy || early} @click=${act}>
      ${icon}<span class="button-text">${text}</span>
    </button>`;
  }

  /** What else can be done: asked when the menu opens, for a selection comes and goes. */
  items = () => {
    const { answer } = this;
    if (!answer) return [];
    const quoted = selectedText();
    /** @type {(MenuItem | null)[]} */
    const items = [
      answer.text ? { label: say("Copy as Markdown"), icon: copyIcon, action: () => void this.copyMarkdown() } : null,
      this.models.length > 1 ? { label: say("Again with…"), icon: againIcon, disabled: this.busy, items: this.others(answer) } : null,
      quoted ? { label: say("Quote selection"), icon: quoteIcon, action: () => this.emit("quote", { text: quoted }) } : null,
      this.readingItem(answer),
      facts(answer).length ? { label: say("About this answer"), icon: factsIcon, action: () => (this.factsShown = !this.factsShown) } : null,
      { label: say("Delete from here"), icon: deleteIcon, danger: true, disabled: this.busy, action: () => void this.askDeletion() },
    ];
    return items.filter((item) => item !== null);
  };

  /**
   * @param {Answer} answer
   * @returns {MenuItem[]}
   */
  others(answer) {
    return this.models.map(({ id, name }) => ({
      label: name,
      checked: id === answer.model,
      action: () => this.emit("answer-again", { answer: answer.id, model: id }),
    }));
  }

  /**
   * @param {Answer} answer
   * @returns {MenuItem | null}
   */
  readingItem(answer) {
    if (!canRead || !answer.text) return null;
    if (this.reading) return { label: say("End reading"), icon: stopIcon, action: stopReading };
    return { label: say("Read aloud"), icon: speakIcon, action: () => this.read() };
  }

  read() {
    this.reading = true;
    readAloud(this.words(), "", () => (this.reading = false));
  }

  /** @param {Answer} answer */
  facts(answer) {
    return html`<dl class="facts">
      ${facts(answer).map(({ name, value }) => html`<div><dt>${name}</dt><dd dir="auto">${value}</dd></div>`)}
    </dl>`;
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    clearTimeout(this.clock);
    if (this.reading) stopReading();
  }

  /** Counts a wait down. */
  tick() {
    clearTimeout(this.clock);
    this.clock = setTimeout(() => this.requestUpdate(), 1_000);
  }

  /** @param {Event} event */
  copy({ currentTarget }) {
    if (currentTarget instanceof HTMLButtonElement) void copyWithNotice(currentTarget, this.words());
  }

  async copyMarkdown() {
    this.said = (await copyText(this.answer?.text ?? "")) ? say("Copied as Markdown") : say("Not copied");
    clearTimeout(this.clock);
    this.clock = setTimeout(() => (this.said = ""), 1_600);
  }

  async askDeletion() {
    this.deleting = true;
    await this.updateComplete;
    this.focusOn("[data-action=keep]");
  }

  async keep() {
    this.deleting = false;
    await this.updateComplete;
    this.focusOn("menu-button > button");
  }

  /** @param {string} selector */
  focusOn(selector) {
    const target = this.querySelector(selector);
    if (target instanceof HTMLElement) target.focus({ preventScroll: true });
  }
}

customElements.define("answer-footer", AnswerFooter);
