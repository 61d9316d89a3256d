/* Which row of <message-log> the Tab key reaches: the one that has the focus, else the newest. There
   always is exactly one, so that the messages can be reached in every room, and passed by at once. And
   whether the focus came by the pointer: who clicks beside the composer and writes on means a text. */

import { around } from "../../lib/page/parts.js";

let isPressing = false; // The pointer is down.
let isPointed = false;

/** Whether the focus came where it is by the pointer. */
export function cameByPointer() {
  return isPointed;
}

for (const [event, isDown] of /** @type {const} */ ([["pointerdown", true], ["pointerup", false], ["pointercancel", false]])) {
  document.addEventListener(event, () => (isPressing = isDown), { capture: true });
}
document.addEventListener("focusin", () => (isPointed = isPressing), { capture: true });

/** @param {HTMLElement} list */
export function keepOneTabStop(list) {
  /** @type {Element | null} */
  let stop = null;

  /** @param {Element | null | undefined} row */
  function stopAt(row = list.lastElementChild) {
    if (row === stop) return;
    stop?.setAttribute("tabindex", "-1");
    row?.setAttribute("tabindex", "0");
    stop = row;
  }

  function settle() {
    stopAt(list.contains(document.activeElement) ? document.activeElement?.closest(".message") : undefined);
  }

  list.addEventListener("focusin", (event) => stopAt(around(event, ".message")));
  list.addEventListener("focusout", ({ relatedTarget }) => {
    if (!(relatedTarget instanceof Node && list.contains(relatedTarget))) stopAt();
  });
  new MutationObserver(settle).observe(list, { childList: true });
  settle();
}
