/** The models to choose from, as a person looks for one. Pure. */

import { say } from "./say.js";

/** @import {Model} from "./objects.js" */

/** @typedef {{label: string, models: Model[]}} ModelGroup */

/**
 * Models by who serves them.
 * @param {readonly Model[]} models
 * @returns {ModelGroup[]} in the order of each upstream's first model
 */
export function grouped(models) {
  /** @type {Map<string, ModelGroup>} */
  const groups = new Map();
  for (const model of models) {
    const label = groupLabel(model);
    const group = groups.get(label) ?? { label, models: [] };
    group.models.push(model);
    groups.set(label, group);
  }
  return [...groups.values()];
}

/** @param {Model} model */
function groupLabel({ upstream, found }) {
  return found ? say("{name} (found on this machine)", { name: upstream }) : upstream || say("Models");
}

/**
 * The models in which all the words are found: in the name, or in who serves it.
 * @param {readonly Model[]} models
 * @param {string} query
 * @returns {Model[]}
 */
export function searched(models, query) {
  const words = query.toLowerCase().split(/\s+/);
  return models.filter((model) => {
    const about = `${model.name} ${model.id} ${groupLabel(model)}`.toLowerCase();
    return words.every((word) => about.includes(word));
  });
}
