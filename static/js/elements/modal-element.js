/** What the dialogs share: the browser's own modal `<dialog>`, opened and closed with a property. It keeps the focus in and gives it back. */

import { LightElement } from "./light-element.js";

/** @import {Dialog} from "../state.js" */

/** A dialog that is open while `open` says so; it emits `dialog-close` when the reader closes it. */
export class ModalElement extends LightElement {
  /** @override */
  static properties = {
    open: { attribute: false },
  };

  /** @param {Dialog} name which of the page's dialogs it is */
  constructor(name) {
    super();
    this.open = false;
    this.name = name;
    /** @type {EventTarget | null} where the pointer went down last */
    this.pressedOn = null;
    this.addEventListener("pointerdown", ({ target }) => (this.pressedOn = target));
  }

  get dialog() {
    return this.querySelector("dialog");
  }

  /**
   * @override
   * @param {Map<PropertyKey, unknown>} _changes
   */
  updated(_changes) {
    const { dialog } = this;
    if (!dialog || dialog.open === this.open) return;
    if (this.open) dialog.showModal();
    else dialog.close();
  }

  /** By Escape, a button or a click beside it: the page learns that it is closed. */
  closed() {
    if (this.open) this.emit("dialog-close", { dialog: this.name });
  }

  /** Whether something is written here that closing would lose. */
  get unsaved() {
    return false;
  }

  /** @param {MouseEvent} event a click on the dialog itself is one on its backdrop, because its content covers it */
  clicked({ target, detail }) {
    // A click that a key makes has no detail; it never means the backdrop. Nor does one that began inside: text was selected.
    const beside = target === this.dialog && this.pressedOn === target && detail > 0;
    if (beside && !this.unsaved) this.dialog?.close();
  }
}
