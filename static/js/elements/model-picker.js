/** `<model-picker>`: which model is asked, grouped by who serves it. */

import { html, nothing } from "../../vendor/lit.js";
import { LightElement } from "./light-element.js";

/** @import {Model} from "../objects.js" */

/** The choice of a model. */
export class ModelPicker extends LightElement {
  /** @override */
  static properties = {
    models: { attribute: false },
    chosen: { attribute: false },
  };

  constructor() {
    super();
    /** @type {readonly Model[]} */
    this.models = [];
    /** @type {string | null} the id of the model that is asked */
    this.chosen = null;
  }

  /** @override */
  render() {
    if (this.models.length < 2) return nothing;
    const groups = grouped(this.models);
    const plain = groups.length === 1 && !groups[0]?.found;
    // The list may have changed meanwhile: it is read again before it is opened.
    return html`<label class="visually-hidden" for="model">Model</label>
      <select id="model" @change=${this.choose} @pointerenter=${this.refresh} @focus=${this.refresh}>
        ${plain ? this.options(this.models) : groups.map(({ label, models }) => html`<optgroup label=${label}>${this.options(models)}</optgroup>`)}
      </select>`;
  }

  /** @param {readonly Model[]} models */
  options(models) {
    return models.map(({ id, name }) => html`<option value=${id} .selected=${id === this.chosen}>${name}</option>`);
  }

  /** @param {Event} event */
  choose({ target }) {
    if (target instanceof HTMLSelectElement) this.emit("model-choose", { model: target.value });
  }

  refresh() {
    this.emit("models-refresh", null);
  }
}

/**
 * @param {readonly Model[]} models
 * @returns {{label: string, found: boolean, models: Model[]}[]} in the order of each upstream's first model
 */
function grouped(models) {
  /** @type {Map<string, {label: string, found: boolean, models: Model[]}>} */
  const groups = new Map();
  for (const model of models) {
    const { upstream, found } = model;
    const label = found ? `${upstream} (found on this machine)` : upstream || "Models";
    const group = groups.get(label) ?? { label, found, models: [] };
    group.models.push(model);
    groups.set(label, group);
  }
  return [...groups.values()];
}

customElements.define("model-picker", ModelPicker);
