/* Files that are dropped on the page, or pasted into it, go to the composer; the browser does not leave the
   page to show them. While they are dragged over it, the document hears "files-over" with whether they
   are. */

/** @param {(files: File[]) => void} give */
export function hearFiles(give) {
  let isOver = false;
  const over = (/** @type {boolean} */ now) => {
    if (now !== isOver) document.dispatchEvent(new CustomEvent("files-over", { detail: (isOver = now) }));
  };
  addEventListener("dragover", (event) => {
    if (!hasFiles(event.dataTransfer)) return;
    event.preventDefault();
    over(true);
  });
  addEventListener("dragleave", (event) => !event.relatedTarget && over(false));
  addEventListener("drop", (event) => {
    over(false);
    take(event, event.dataTransfer);
  });
  addEventListener("paste", (event) => {
    const isText = event.clipboardData?.types.includes("text/plain"); // A table has a picture of itself with it.
    if (!isText) take(event, event.clipboardData);
  });

  /** @param {Event} event @param {DataTransfer | null} given */
  function take(event, given) {
    if (!given || !hasFiles(given)) return;
    event.preventDefault();
    give([...given.files]);
  }
}

/** @param {DataTransfer | null} given */
function hasFiles(given) {
  return given?.types.includes("Files") ?? false;
}
