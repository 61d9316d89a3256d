/* Files that are dropped on the page, or pasted into it. The chat cannot take any yet: it says so with
   a "files-given" event, and the browser does not leave the page to show them. */

export function refuseFiles() {
  addEventListener("dragover", (event) => hasFiles(event.dataTransfer) && event.preventDefault());
  addEventListener("drop", (event) => {
    if (hasFiles(event.dataTransfer)) refuse(event);
  });
  addEventListener("paste", (event) => {
    const isText = event.clipboardData?.types.includes("text/plain"); // A table has a picture of itself with it.
    if (hasFiles(event.clipboardData) && !isText) refuse(event);
  });
}

/** @param {DataTransfer | null} given */
function hasFiles(given) {
  return given?.types.includes("Files") ?? false;
}

/** @param {Event} event */
function refuse(event) {
  event.preventDefault();
  document.dispatchEvent(new CustomEvent("files-given"));
}
