/** What the host page is told of the conversation: that there is one, who spoke, what went wrong. Its text only where the owner shares that. */

import { publicCode } from "./problems.js";

/** @import {Message, Problem} from "../objects.js" */

/** Tells. */
export class Telling {
  /** Whether the host page may read along. */
  shares = false;
  /** @type {(name: string, data: object) => void} */
  tell = () => {};

  /**
   * @param {Message} message that was asked, or asked about again
   * @param {boolean} begins whether the conversation begins with it
   */
  started(message, begins) {
    if (begins) this.tell("conversation_started", {});
    if (message.role === "user") this.message(message);
  }

  /** @param {Message | undefined} message */
  message(message) {
    if (!message) return;
    const { role, id, text } = message;
    this.tell("message", { role, id, ...(this.shares ? { text } : {}) });
  }

  /** @param {Problem} problem */
  problem(problem) {
    this.error(publicCode(problem), problem.message);
  }

  /**
   * @param {string} code
   * @param {string} [message]
   */
  error(code, message = "") {
    this.tell("error", { code, message });
  }
}
