/**
 * What has to be undone when a guess about unfinished text is taken back. Outside of a guess nothing is recorded.
 * No DOM, no I/O.
 */

/** Layers of changes, each undone as a whole. */
export class Journal {
  /** @type {(() => void)[][]} */
  #layers = [];

  /** Everything from here on is a guess. */
  begin() {
    this.#layers.push([]);
  }

  /** Takes the last guess back. */
  rollback() {
    for (const undo of (this.#layers.pop() ?? []).reverse()) undo();
  }

  /** The last guess turned out true. */
  commit() {
    const undos = this.#layers.pop() ?? [];
    this.#layers.at(-1)?.push(...undos);
  }

  /** @param {() => void} undo how to undo what was just done */
  did(undo) {
    this.#layers.at(-1)?.push(undo);
  }

  /**
   * Sets a property.
   * @template {object} T
   * @template {keyof T} K
   * @param {T} target
   * @param {K} key
   * @param {T[K]} value
   */
  set(target, key, value) {
    const old = target[key];
    if (old === value) return;
    target[key] = value;
    this.did(() => {
      target[key] = old;
    });
  }
}
