/** The page that stands where there is no chat: it tells the loader so, who would wait for it. */

import { Bridge } from "./embed/bridge.js";

const message = document.getElementById("embed-closed")?.textContent.trim() ?? "";
const bridge = new Bridge(
  (origin) => origin !== "null", // there is nothing here to keep from anybody
  ({ type }) => {
    if (type !== "hello") return;
    bridge.send("welcome", { v: 1, unread: 0, look: {} });
    bridge.send("event", { name: "error", data: { code: "unavailable", message } });
  },
);
bridge.start();
