/** A file of the server's, saved by the browser: piece by piece, never whole in the page's memory. */

/**
 * Begins a download. Should it fail, the browser says so among its downloads.
 * @param {string} path of a file on this site; the server names it
 */
export function download(path) {
  const link = document.createElement("a");
  link.href = path;
  // With it an error is a download that failed; without it the error would take the page's place.
  link.download = "";
  link.hidden = true;
  document.body.append(link);
  link.click();
  link.remove();
}
