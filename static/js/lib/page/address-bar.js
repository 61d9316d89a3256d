/* The address follows the open room, or the inbox, and what is sought (?q=), and Back goes to those before. On a phone,
   where Back is how one closes things, it closes what is open first: what opens over the page gets an
   entry of its own in the browser's history, with the same address. */

import { pathOf, roomAt } from "./routes.js";

/** @import { Chat } from "../../models/chat.js" */

/** What is in the place of a room. */
export const PATHS = { inbox: "/inbox", threads: "/threads", saved: "/saved", room: "" };
const OPEN = "dialog[open], :popover-open";

/** @param {Chat} chat */
export function followRooms(chat) {
  const follow = () => {
    const path = chat.opened ? pathOf(chat.opened.name) : PATHS[chat.view];
    if (path === location.pathname) return;
    const sought = searchedIn(location);
    const address = sought === null ? path : `${path}?${new URLSearchParams({ q: sought })}`;
    if (isCovered()) history.replaceState(null, "", address); // What was open has led there, and is closed.
    else history.pushState(null, "", address);
  };
  chat.on("opened", follow).on("view", follow);
  addEventListener("popstate", () => {
    closeOpen();
    const view = Object.entries(PATHS).find(([, path]) => path === location.pathname)?.[0];
    if (view) return void document.dispatchEvent(new CustomEvent(`do-${view}`));
    const room = roomAt(location.pathname);
    if (room !== chat.current.name) chat.open(room);
    else chat.look("room");
  });
  if (matchMedia("(hover: none)").matches) closeByGoingBack();
}

/** What is sought at an address; null where nothing is.
    @param {{ search: string }} address */
export function searchedIn({ search }) {
  return new URLSearchParams(search).get("q");
}

/** Writes into the address what is sought, or that nothing is any more.
    @param {string | null} query @param {{ isNew?: boolean }} [how] whether Back leads to where nothing was sought */
export function showSearched(query, { isNew = false } = {}) {
  const began = history.state?.beganSearch === true;
  const address = query === null ? location.pathname : `${location.pathname}?${new URLSearchParams({ q: query.trim() })}`;
  if (isNew && isCovered()) history.replaceState({ beganSearch: true }, "", address); // What was open makes way.
  else if (isNew) history.pushState({ beganSearch: true }, "", address);
  else if (query === null && began) history.back();
  else history.replaceState(history.state, "", address);
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

/** Closes the dialogs and popovers that are open. */
export function closeOpen() {
  for (const element of document.querySelectorAll(OPEN)) {
    if (element instanceof HTMLDialogElement) element.close();
    else if (element instanceof HTMLElement) element.hidePopover();
  }
}
