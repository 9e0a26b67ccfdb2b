/** What all elements share: they render into the page itself, and say what the reader wants by events. */

import { LitElement } from "../../vendor/lit.js";

/** @import {ModelOptions} from "../objects.js" */

/**
 * Every event the elements emit, with its detail. They bubble up to `<parley-app>`.
 * @typedef {object} AppEvents
 * @property {null} conversation-new
 * @property {{id: string}} conversation-open
 * @property {{id: string, title: string}} conversation-rename
 * @property {{id: string}} conversation-delete
 * @property {null} conversation-reload
 * @property {{query: string}} list-search
 * @property {null} list-more
 * @property {null} list-refresh
 * @property {{text: string}} message-send
 * @property {{text: string}} draft-change
 * @property {{answer: string}} answer-stop
 * @property {{answer: string}} answer-again
 * @property {{answer: string}} answer-continue
 * @property {{answer: string}} answer-choose show this one of several answers
 * @property {{model: string | null}} model-choose
 * @property {null} models-refresh
 * @property {null} options-open
 * @property {null} options-close
 * @property {{options: ModelOptions}} options-save
 * @property {{files: readonly File[]}} files-add
 * @property {{local: string}} file-remove
 * @property {{local: string}} file-retry
 */

/** A lit element without shadow root: one style sheet serves all, and labels reach their fields. */
export class LightElement extends LitElement {
  /** @override */
  createRenderRoot() {
    return this;
  }

  /**
   * @template {keyof AppEvents} K
   * @param {K} name
   * @param {AppEvents[K]} detail
   */
  emit(name, detail) {
    this.dispatchEvent(new CustomEvent(name, { bubbles: true, detail }));
  }
}

/**
 * Listens to all events of the elements below `root`.
 * @param {HTMLElement} root
 * @param {{[K in keyof AppEvents]: (detail: AppEvents[K]) => void}} handlers
 */
export function listen(root, handlers) {
  for (const [name, handler] of Object.entries(handlers)) {
    root.addEventListener(name, (event) => {
      // `emit` is the only sender, and its types pair each name with its detail.
      if (event instanceof CustomEvent) handler(/** @type {never} */ (event.detail));
    });
  }
}
