/** Files dragged over the page: shown where they can be let go, and never opened in the chat's place. */

/**
 * @typedef {object} DropEvents
 * @property {() => boolean} welcome whether files are taken now
 * @property {(over: boolean) => void} onOver files hang over the page, or do no more
 * @property {(files: File[]) => void} onDrop
 */

/**
 * @param {DropEvents} events
 * @returns {AbortController} its `abort` ends the watch
 */
export function watchDrops({ welcome, onOver, onDrop }) {
  const watch = new AbortController();
  /**
   * @param {"dragenter" | "dragover" | "dragleave" | "drop"} name
   * @param {(event: DragEvent, transfer: DataTransfer) => void} act
   */
  const on = (name, act) => {
    const heard = (/** @type {DragEvent} */ event) => {
      const transfer = event.dataTransfer;
      if (!transfer?.types.includes("Files")) return; // text or a link: the browser's business
      event.preventDefault();
      act(event, transfer);
    };
    addEventListener(name, heard, { signal: watch.signal });
  };
  on("dragenter", () => onOver(welcome()));
  on("dragover", (_, transfer) => {
    onOver(welcome()); // where leaving an element looks like leaving the window, this brings it back
    transfer.dropEffect = welcome() ? "copy" : "none";
  });
  // Leaving one element for the next is a leave as well; only the window's edge has nothing on its other side.
  on("dragleave", ({ relatedTarget }) => relatedTarget === null && onOver(false));
  on("drop", (_, transfer) => {
    onOver(false);
    if (welcome()) onDrop([...transfer.files]);
  });
  return watch;
}
