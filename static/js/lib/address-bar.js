/* The address follows the open room, and Back goes to the room before. On a phone, where Back is how one
   closes things, it closes what is open first: what opens over the page gets an entry of its own in
   the browser's history, with the same address. */

import { pathOf, roomAt } from "./routes.js";

/** @import { Chat } from "../models/chat.js" */

const OPEN = "dialog[open], :popover-open";

/** @param {Chat} chat */
export function followRooms(chat) {
  chat.on("opened", () => {
    const path = pathOf(chat.current.name);
    if (path === location.pathname) return;
    if (isCovered()) history.replaceState(null, "", path); // What was open has led there, and is closed.
    else history.pushState(null, "", path);
  });
  addEventListener("popstate", () => {
    closeAll();
    const room = roomAt(location.pathname);
    if (room !== chat.current.name) chat.open(room);
  });
  if (matchMedia("(hover: none)").matches) closeByGoingBack();
}

function closeByGoingBack() {
  if (isCovered()) history.replaceState(null, ""); // From before a reload.
  document.addEventListener("toggle", () => {
    const isOpen = document.querySelector(OPEN) !== null;
    if (isOpen && !isCovered()) history.pushState({ isCovered: true }, "");
    if (!isOpen && isCovered()) history.back();
  }, { capture: true });
}

/** Whether this entry is there for what is open. */
function isCovered() {
  return history.state?.isCovered === true;
}

function closeAll() {
  for (const element of document.querySelectorAll(OPEN)) {
    if (element instanceof HTMLDialogElement) element.close();
    else if (element instanceof HTMLElement) element.hidePopover();
  }
}
