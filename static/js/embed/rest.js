/** Lets go of the connection when nobody needs it: after three minutes in which nothing was said, written or read. */

const REST_MS = 3 * 60_000;

/** One timer, which runs only while there is something to let go of. */
export class Rest {
  #rest;
  #busy;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /**
   * @param {() => void} rest
   * @param {() => boolean} busy whether an answer runs or a question waits: then nothing rests
   */
  constructor(rest, busy) {
    this.#rest = rest;
    this.#busy = busy;
  }

  /** Something happened. */
  touch() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => (this.#busy() ? this.touch() : this.#rest()), REST_MS);
  }

  end() {
    clearTimeout(this.#timer);
  }
}
