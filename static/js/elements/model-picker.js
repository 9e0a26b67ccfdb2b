/** `<model-picker>`: which model is asked. A button with a list that can be searched, grouped by who serves them. */

import { html, live, nothing } from "../../vendor/lit.js";
import { grouped, searched } from "../models.js";
import { say } from "../say.js";
import { doneIcon, expandIcon } from "./later-icons.js";
import { LightElement } from "./light-element.js";

/** @import {Model} from "../objects.js" */

/** Between the list and its button, and the window's edges. */
const GAP_PX = 6;
/** Below this width the list is a sheet; the style sheet says the same. */
const SHEET = "(max-width: 30rem)";
const LIST = "model-list";
/** @param {number} at */
const entryId = (at) => `model-entry-${at}`;

/** The choice of a model. */
export class ModelPicker extends LightElement {
  /** @override */
  static properties = {
    models: { attribute: false },
    chosen: { attribute: false },
    standard: { attribute: false },
    shown: { state: true },
    query: { state: true },
    active: { state: true },
  };

  constructor() {
    super();
    /** @type {readonly Model[]} */
    this.models = [];
    /** @type {string | null} the id of the model that is asked */
    this.chosen = null;
    /** @type {string | null} the one that is asked when nothing else is chosen, if the visitor has settled that */
    this.standard = null;
    this.shown = false;
    this.query = "";
    /** Which entry the keys have reached. */
    this.active = 0;
    /** @type {AbortController | null} ends what is listened to while the list is open */
    this.watching = null;
  }

  /** @override */
  render() {
    const chosen = this.models.find(({ id }) => id === this.chosen);
    if (!chosen) return nothing;
    if (this.models.length === 1) return html`<span class="model-only" title=${say("The model that is asked")}><span class="visually-hidden">${say("Model: {name}", { name: chosen.name })}</span><span aria-hidden="true">${chosen.name}</span></span>`;
    return html`<button type="button" id="model" class="quiet-button model-button" data-model=${chosen.id} title=${say("Choose a model")} aria-label=${say("Model: {name}", { name: chosen.name })}
        aria-haspopup="dialog" aria-expanded=${this.shown} @click=${this.toggle} @pointerenter=${this.refresh}><span class="model-name">${chosen.name}</span>${expandIcon}</button>
      ${this.shown ? this.panel(chosen) : nothing}`;
  }

  /** @param {Model} chosen */
  panel(chosen) {
    const groups = grouped(this.entries);
    let at = 0;
    return html`<div class="models" popover="manual" role="dialog" aria-label=${say("Models")} @keydown=${this.keyed} @focusout=${this.left}>
      <input type="search" class="models-search" role="combobox" aria-label=${say("Search models")} placeholder=${say("Search models")} autocomplete="off" spellcheck="false"
        aria-expanded="true" aria-autocomplete="list" aria-controls=${LIST} aria-activedescendant=${this.entries.length ? entryId(this.active) : nothing}
        .value=${live(this.query)} @input=${this.typed} />
      <div id=${LIST} class="models-list" role="listbox" tabindex="-1" aria-label=${say("Models")} aria-activedescendant=${this.entries.length ? entryId(this.active) : nothing}>
        ${groups.map(({ label, models }, number) => html`<div role="group" aria-labelledby="model-group-${number}">
          <p id="model-group-${number}" class="models-group" role="presentation">${label}</p>
          ${models.map((model) => this.entry(model, at++))}
        </div>`)}
      </div>
      <p class="models-none" role="status">${groups.length ? "" : say("No model is called that.")}</p>
      ${this.footer(chosen)}
    </div>`;
  }

  /**
   * @param {Model} model
   * @param {number} at
   */
  entry({ id, name, images }, at) {
    const facts = [images ? say("takes pictures") : "", id === this.standard ? say("your default") : ""].filter(Boolean).join(", ");
    return html`<div id=${entryId(at)} class="model" role="option" aria-selected=${id === this.chosen} data-model=${id} data-active=${at === this.active}
      @click=${() => this.choose(id)}><span class="model-words"><span class="model-name" dir="auto">${name}</span>
      ${facts ? html`<span class="model-facts">${facts}</span>` : nothing}</span>${id === this.chosen ? doneIcon : nothing}</div>`;
  }

  /** @param {Model} chosen */
  footer({ id, name }) {
    const is = id === this.standard;
    return html`<div class="models-foot"><button type="button" class="quiet-button" data-action="standard"
      @click=${() => this.emit("model-default", { model: is ? null : id })}>${is ? say("No longer use {name} by default", { name }) : say("Use {name} by default", { name })}</button></div>`;
  }

  /** The models that are shown, in the order of the list. */
  get entries() {
    return grouped(searched(this.models, this.query)).flatMap(({ models }) => models);
  }

  /** @override */
  updated() {
    this.querySelector("[data-active=true]")?.scrollIntoView({ block: "nearest" });
  }

  /** @override */
  disconnectedCallback() {
    super.disconnectedCallback();
    this.watching?.abort();
    this.shown = false;
  }

  toggle() {
    if (this.shown) this.close();
    else void this.open();
  }

  async open() {
    this.refresh();
    this.query = "";
    this.shown = true;
    this.active = Math.max(0, this.entries.findIndex(({ id }) => id === this.chosen));
    await this.updateComplete;
    const { box } = this;
    if (!box) return;
    // Without popovers the list stands where the style sheet puts it.
    if ("showPopover" in box) box.showPopover();
    this.watch();
    this.place();
    // On a phone the field would raise the keyboard over the list.
    const focused = matchMedia("(pointer: coarse)").matches ? ".models-list" : ".models-search";
    this.focusOn(focused);
  }

  /** @param {{focus?: boolean}} [options] whether the button gets the focus */
  close({ focus = true } = {}) {
    if (!this.shown) return;
    this.shown = false;
    this.watching?.abort();
    if (focus) this.focusOn("#model");
  }

  watch() {
    this.watching?.abort();
    this.watching = new AbortController();
    const { signal } = this.watching;
    document.addEventListener("pointerdown", (event) => this.isOutside(event) && this.close({ focus: false }), { signal, capture: true });
    addEventListener("resize", () => this.place(), { signal, passive: true });
  }

  /**
   * @param {PointerEvent} event
   * @returns {boolean} also on the backdrop of the sheet, which counts as part of it
   */
  isOutside({ target, clientX, clientY }) {
    const { box } = this;
    if (target !== box) return target instanceof Node && !this.contains(target);
    const area = box?.getBoundingClientRect();
    return !area || clientY < area.top || clientY > area.bottom || clientX < area.left || clientX > area.right;
  }

  /** Above its button, inside the window; as a sheet the style sheet puts it. */
  place() {
    const { box } = this;
    const button = this.querySelector("#model");
    if (!box || !button || !("showPopover" in box)) return;
    const { style } = box;
    if (matchMedia(SHEET).matches) {
      for (const name of ["left", "bottom", "max-height"]) style.removeProperty(name);
      return;
    }
    const at = button.getBoundingClientRect();
    const left = getComputedStyle(this).direction === "rtl" ? at.right - box.offsetWidth : at.left;
    style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - box.offsetWidth - GAP_PX))}px`;
    style.bottom = `${innerHeight - at.top + GAP_PX}px`;
    style.maxHeight = `${Math.min(416, at.top - 3 * GAP_PX)}px`;
  }

  /** @returns {HTMLElement | null} */
  get box() {
    return this.querySelector(".models");
  }

  /** @param {Event} event */
  typed({ target }) {
    if (!(target instanceof HTMLInputElement)) return;
    this.query = target.value;
    this.active = 0;
  }

  /** @param {KeyboardEvent} event */
  keyed(event) {
    if (event.isComposing || event.keyCode === 229) return;
    const { entries, active } = this;
    const move = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    const inFooter = event.target instanceof HTMLButtonElement;
    if (event.key === "Escape") this.close();
    else if (move && entries.length) this.active = (active + move + entries.length) % entries.length;
    else if (event.key === "Enter" && !inFooter) this.choose(entries[active]?.id ?? null);
    else return;
    event.preventDefault();
    event.stopPropagation(); // what is around has meanings of its own for these keys
  }

  /** @param {FocusEvent} event */
  left({ relatedTarget }) {
    if (relatedTarget instanceof Node && !this.contains(relatedTarget)) this.close({ focus: false });
  }

  /** @param {string | null} model */
  choose(model) {
    if (model === null) return;
    this.emit("model-choose", { model });
    this.close();
  }

  /** The list may have changed meanwhile: it is read again before it is opened. */
  refresh() {
    this.emit("models-refresh", null);
  }

  /** @param {string} selector */
  focusOn(selector) {
    const element = this.querySelector(selector);
    if (element instanceof HTMLElement) element.focus();
  }
}

customElements.define("model-picker", ModelPicker);
