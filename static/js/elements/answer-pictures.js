/** Pictures in answers. One from another host is fetched when the reader asks for it, in a frame whose policy allows that host alone. */

/** A picture of another host is shown at most this high, as a share of the window. */
const MOST_OF_HEIGHT = 0.6;

/** @typedef {typeof import("../say.js").say} Say given, as the copying is */

/**
 * Shows the picture that a button stands for.
 * @param {HTMLButtonElement} button
 * @param {unknown} _copy
 * @param {Say} say
 */
export function showPicture(button, _copy, say) {
  const { src = "", alt = "" } = button.dataset;
  const frame = document.createElement("iframe");
  frame.className = "picture-frame";
  frame.loading = "lazy";
  frame.setAttribute("sandbox", "allow-same-origin");
  frame.title = alt || say("Picture");
  frame.src = `/picture?src=${encodeURIComponent(src)}`;
  frame.addEventListener("load", () => fit(frame));
  const link = document.createElement("a");
  link.className = "picture-open";
  link.href = src;
  link.target = "_blank";
  link.rel = "noopener noreferrer nofollow ugc";
  link.textContent = say("Open in a new tab");
  const whole = document.createElement("span");
  whole.className = "picture";
  whole.append(frame, link);
  button.replaceWith(whole);
  link.focus({ preventScroll: true });
}

/**
 * Gives a frame the size of the picture in it.
 * @param {HTMLIFrameElement} frame
 */
function fit(frame) {
  const picture = frame.contentDocument?.querySelector("img");
  if (!picture) return;
  if (!picture.complete) {
    picture.addEventListener("load", () => fit(frame), { once: true });
    return;
  }
  const { naturalWidth: width, naturalHeight: height } = picture;
  if (!width || !height) return;
  const most = window.innerHeight * MOST_OF_HEIGHT;
  frame.style.aspectRatio = `${width} / ${height}`;
  frame.style.inlineSize = `${Math.min(width, (most * width) / height)}px`;
}

/**
 * Opens a picture of this site, or one inside the text, large in a new tab.
 * @param {HTMLButtonElement} button
 */
export function openPicture(button) {
  const source = button.querySelector("img")?.src ?? "";
  if (!source.startsWith("data:")) {
    window.open(source, "_blank", "noopener");
    return;
  }
  // Browsers open no data: address in a tab.
  const [type = "", data = ""] = source.slice("data:".length).split(";base64,");
  const bytes = Uint8Array.from(atob(data), (character) => character.charCodeAt(0));
  const address = URL.createObjectURL(new Blob([bytes], { type }));
  window.open(address, "_blank", "noopener");
  setTimeout(() => URL.revokeObjectURL(address), 60_000);
}
