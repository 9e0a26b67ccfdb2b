/**
 * What a widget is made of, in one record that every part of the loader works on. Its names end in an underscore, by
 * which the build knows that they are nobody else's and makes them short: the whole loader has to fit into 7,000 bytes.
 */

/** @import {Options} from "./options.js" */

/**
 * @typedef {object} Widget
 * @property {Options} said_ by the page, at first and later
 * @property {Options} [profile_] the owner's, once the chat has told it
 * @property {string} source_ address of the loader
 * @property {boolean} inline_ part of the page and always open
 * @property {boolean} open_
 * @property {boolean} shown_ the launcher
 * @property {boolean} [full_] all of a small screen
 * @property {boolean} [own_] the chat has a button of its own to close it
 * @property {boolean} [focusing_] the chat is to have the focus as soon as it is there
 * @property {number} [unread_]
 * @property {string} [address_] where the chat is to be found when it cannot be shown here
 * @property {HTMLElement} host_
 * @property {HTMLElement} root_
 * @property {HTMLElement} launcher_
 * @property {HTMLElement} teaser_
 * @property {HTMLElement} panel_
 * @property {HTMLElement} before_ where the focus turns around in the full screen
 * @property {HTMLElement} after_
 * @property {HTMLElement} close_
 * @property {HTMLElement} failure_
 * @property {HTMLIFrameElement} [frame_]
 * @property {HTMLElement} [opener_] has the focus back when the panel is closed
 * @property {(() => void) | undefined} [leave_] the full screen
 * @property {ReturnType<typeof setTimeout> | 0 | void} [patience_] runs from when somebody waits
 * @property {MessagePort} [port_]
 * @property {boolean} [welcome_] the chat has answered
 * @property {Map<string, [type: string, payload: object, once?: boolean]>} due_ see channel.js
 * @property {Map<string, (ack: any) => void>} asked_ by the id of the request
 * @property {Set<[name: string, listener: (data: any) => void, once?: boolean]>} listeners_
 * @property {(height: number, now_ms: number) => boolean} grows_
 */

export {};
