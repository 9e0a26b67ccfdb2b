/** What keys and buttons ask of the page, also before the script is there that does it: a reader on a slow line presses once. */

/** @import {CommandId} from "../commands.js" */
/** @import {Later} from "./light-element.js" */
/** @import {ParleyApp} from "./parley-app.js" */

/** The commands of one page. */
export class PageCommands {
  #app;
  /** @type {Later | null} who does them, once it is there */
  #later = null;
  /** @type {(() => void)[]} what was asked for before that */
  #early = [];

  /** @param {ParleyApp} app */
  constructor(app) {
    this.#app = app;
  }

  /**
   * Does what a command or a key asks for.
   * @param {CommandId} id
   */
  perform = (id) => {
    if (this.#later) this.#later.perform(this.#app, id);
    else this.#early.push(() => this.perform(id));
  };

  /** @param {KeyboardEvent} event */
  pressed = (event) => {
    if (!this.#later) this.#early.push(() => this.pressed(event));
    const command = this.#later?.askedFor(event, this.#app.state) ?? null;
    if (command === null) return;
    event.preventDefault();
    this.perform(command);
  };

  /** @param {Later} later it is there now */
  arrived(later) {
    this.#later = later;
    for (const ask of this.#early.splice(0)) ask();
  }
}
