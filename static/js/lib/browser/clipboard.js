/* Puts a text on the clipboard. navigator.clipboard exists only on https and localhost; a chat in
   the office network is on http, where the old way still works. */

/** Throws where the browser does not let us.
    @param {string} text */
export async function copy(text) {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const field = document.createElement("textarea");
  field.value = text;
  field.className = "visually-hidden";
  const { activeElement } = document;
  document.body.append(field);
  field.select();
  const isCopied = document.execCommand("copy");
  field.remove();
  if (activeElement instanceof HTMLElement) activeElement.focus();
  if (!isCopied) throw new DOMException("Nothing was copied.", "NotAllowedError");
}
