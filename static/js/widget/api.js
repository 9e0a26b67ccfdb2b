/** What the host page's scripts may do with a widget. Nothing here throws, and nothing is lost that is asked for too early. */

import { ask, say } from "./channel.js";
import { load, wait } from "./chat.js";
import { tell } from "./events.js";
import { draw } from "./look.js";
import { hide, show } from "./opening.js";
import { readOptions } from "./options.js";
import { end } from "./starting.js";
import { VERSION } from "./version.js";

/** @import {Listener} from "./events.js" */
/** @import {Widget} from "./record.js" */

/**
 * @param {Widget} w
 * @param {Promise<unknown>} begun the widget is in the page
 * @param {(given: any, from?: any) => any} create
 * @param {() => void} ended
 */
export function apiOf(w, begun, create, ended) {
  const LONGEST_TEXT = 4000;
  let gone = 0;

  /** Nothing is loaded only to be told something: it is told when it is loaded. @param {Promise<unknown>} done */
  function told(done) {
    done.catch(() => {});
    return w.welcome_ && done;
  }
  /** Somebody waits for it: it is loaded at once, however far down the page. @param {Promise<unknown>} done */
  function needed(done) {
    load(w);
    /** @type {HTMLIFrameElement} */ (w.frame_).loading = "eager";
    wait(w);
    return done;
  }
  /** @param {string} type @param {any} given @param {object} options */
  function change(type, given, options) {
    Object.assign(w.said_, readOptions(options));
    draw(w);
    say(w, type, given, true);
  }
  /** @param {boolean} shown */
  function launcher(shown) {
    w.shown_ = shown;
    draw(w);
  }

  /** @type {Record<string, any>} */
  const acts = {
    open({ prefill } = /** @type {any} */ ({})) {
      if (prefill) acts.prefill(prefill);
      show(w, "api");
    },
    close: () => hide(w, "api"),
    toggle: (force = !w.open_) => (force ? show : hide)(w, "api"),
    showLauncher: () => launcher(!w.inline_),
    hideLauncher: () => launcher(false),
    prefill: (/** @type {string} */ text) => say(w, "prefill", { text: `${text}` }, true),
    send(/** @type {string} */ text) {
      if (`${text}`.length > LONGEST_TEXT) throw Error("too long");
      return needed(ask(w, "send", { text: `${text}` }));
    },
    newChat: () => told(ask(w, "new_chat")),
    identify(/** @type {any} */ user) {
      w.due_.delete("identify");
      // Only `null` itself logs somebody out.
      const done = ask(w, "identify", { ...user, jwt: user ? user.jwt || undefined : null }, user && "identify");
      return user ? told(done) : needed(done);
    },
    setContext(/** @type {object} */ facts) {
      say(w, "context"); // what was said of another page is not true of this one, even where the new facts are refused
      say(w, "context", facts);
    },
    setTheme: (/** @type {any} */ theme) => change("theme", theme, { theme: theme.mode, color: theme.color }),
    setLocale: (/** @type {string} */ locale) => change("locale", { locale }, { locale }),
    destroy() {
      gone = 1;
      end(w);
      tell(w, "destroy");
      ended();
    },
  };
  /** @type {Record<string, any>} */
  const api = {
    version: VERSION,
    create,
    isOpen: () => w.open_,
    on(/** @type {string} */ name, /** @type {Listener} */ listener, /** @type {boolean | undefined} */ once) {
      w.listeners_.add([name, listener, once]);
      return () => api.off(name, listener);
    },
    off(/** @type {string} */ name, /** @type {Listener} */ listener) {
      w.listeners_.forEach((one) => one[0] === name && one[1] === listener && w.listeners_.delete(one));
    },
    once: (/** @type {string} */ name, /** @type {Listener} */ listener) => api.on(name, listener, true),
    // In a function of its own that cannot throw: one bad command is not the end of those after it.
    push: (/** @type {any} */ command) => void (async ([name, ...words]) => api[name] && api[name](...words))(command).catch(console.warn),
  };
  for (const name in acts) {
    api[name] = async (/** @type {any[]} */ ...words) => {
      if (!w.host_.isConnected) await begun;
      if (!gone) return acts[name](...words);
      if (gone++ < 2) console.warn("[Parley] destroyed");
    };
  }
  return api;
}
