/** What all elements share: they render into the page itself, and say what the reader wants by events. */

import { LitElement } from "../../vendor/lit.js";

/** @import {Device} from "../device.js" */
/** @import {Conversation, ModelOptions, Snippet} from "../objects.js" */
/** @import {Share} from "../sharing.js" */
/** @import {Dialog, Place} from "../state.js" */
/** @import {ListView} from "../state/conversations.js" */

/**
 * Every event the elements emit, with its detail. They bubble up to `<parley-app>`.
 * @typedef {object} AppEvents
 * @property {null} conversation-new
 * @property {{id: string}} conversation-open
 * @property {{id: string, title: string}} conversation-rename
 * @property {{id: string}} conversation-delete
 * @property {{id: string, pinned: boolean}} conversation-pin
 * @property {{id: string, archived: boolean}} conversation-archive
 * @property {{ids: readonly string[]}} conversations-delete
 * @property {{ids: readonly string[], archived: boolean}} conversations-archive
 * @property {null} conversation-reload
 * @property {null} private-switch begin a private conversation, or make the one that is not begun yet an ordinary one
 * @property {null} private-close end the private conversation in view
 * @property {null} undo bring back what was just deleted
 * @property {null} undo-dismiss
 * @property {{view: ListView}} list-view
 * @property {{ids: readonly string[] | null}} list-select null ends the choosing
 * @property {{query: string, tag?: string | null}} list-search `tag` stays as it is when left out; null takes it away
 * @property {{ids: readonly string[], add: readonly string[], remove: readonly string[], answered: Tagged}} conversations-tag
 * @property {null} list-more
 * @property {null} list-refresh
 * @property {{text: string, from: Place}} message-send
 * @property {{text: string, from?: Place}} draft-change `from`: where it is written; in view when not said
 * @property {{answer: string}} answer-stop
 * @property {{answer: string, model?: string}} answer-again
 * @property {{answer: string}} answer-continue
 * @property {{message: string}} message-choose show this one of several answers or questions
 * @property {{message: string}} message-delete it and all that follow it
 * @property {{message: string | null}} question-edit rewrite this question; null lets it be
 * @property {{message: string, text: string}} edit-change the question in other words, so far
 * @property {{message: string, text: string}} question-resend ask it in other words, as a branch of its own
 * @property {{text: string}} quote put this into the draft, as a quotation
 * @property {{text: string, from: Place}} message-hold send it when the answer has ended
 * @property {null} held-edit take the held message back into the composer
 * @property {null} held-drop
 * @property {null} held-send send it although the answer failed
 * @property {{text: string, local: string}} text-attach attach a long text instead of writing it; `local` is the page's name for the file
 * @property {{snippets: readonly Snippet[], answered: (problem: string | null) => void}} snippets-save `answered` is told why it did not work; null when it did
 * @property {{model: string | null}} model-default ask this one when nothing else is chosen
 * @property {{model: string | null}} model-choose
 * @property {null} models-refresh
 * @property {null} options-open
 * @property {null} options-close
 * @property {{options: ModelOptions}} options-save
 * @property {{files: readonly File[]}} files-add
 * @property {{local: string}} file-remove
 * @property {{local: string}} file-retry
 * @property {{dialog: Dialog}} dialog-open
 * @property {{dialog: Dialog}} dialog-close when it is still this one that is open
 * @property {{query: string}} palette-search
 * @property {{conversation: string | null}} share-open its links, or all when null
 * @property {{share: Share}} share-changed it was made or changed
 * @property {{share: string}} share-removed
 * @property {null} shares-read read the links again
 * @property {Partial<Device>} device-change
 */

/** @typedef {(problem: string | null, conversations: readonly Conversation[]) => void} Tagged is told why it did not work, and what was changed */
/** @typedef {typeof import("../later.js")} Later what is loaded when everything before the first answer is there */

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
 * Listens to events of the elements below `root`.
 * @param {HTMLElement} root
 * @param {{[K in keyof AppEvents]?: (detail: AppEvents[K]) => void}} handlers
 */
export function listen(root, handlers) {
  for (const [name, handler] of Object.entries(handlers)) {
    root.addEventListener(name, (event) => {
      // `emit` is the only sender, and its types pair each name with its detail.
      if (event instanceof CustomEvent) handler(/** @type {never} */ (event.detail));
    });
  }
}
