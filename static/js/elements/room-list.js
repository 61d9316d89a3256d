/* <room-list>: the rooms in the sidebar. A link each, so that they can be copied and opened in
   another tab; a plain click switches within the page. */

import { pathOf } from "../lib/routes.js";
import { t } from "../lib/words.js";
import { listed, titleFor } from "../models/rooms.js";

const MOST_SHOWN = 99;

class RoomList extends HTMLElement {
  #isDue = false;

  connectedCallback() {
    this.list = this.querySelector("ul");
    this.template = this.querySelector("template");
    this.list.addEventListener("click", (event) => this.#pressed(event));
  }

  attend(chat) {
    this.chat = chat;
    for (const news of ["rooms", "room", "opened"]) chat.on(news, () => this.#showSoon());
    this.#show();
  }

  /** Once for all news of one turn: the server tells of many rooms at a time. */
  #showSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => this.#show());
  }

  #show() {
    this.#isDue = false;
    const focused = document.activeElement?.closest?.(".room-link")?.dataset.room;
    const rooms = listed(this.chat.rooms.values(), this.chat.current);
    this.list.replaceChildren(...rooms.map((room) => this.#item(room)));
    if (focused) this.list.querySelector(`[data-room="${CSS.escape(focused)}"]`)?.focus();
  }

  #item(room) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    const link = item.querySelector("a");
    link.href = pathOf(room.name);
    link.dataset.room = room.name;
    link.querySelector(".room-title").textContent = titleFor(room, this.chat.me);
    link.querySelector("use").setAttribute("href", `#icon-${iconOf(room)}`);
    link.querySelector(".star").hidden = !room.favourite;
    link.classList.toggle("muted", room.level === "nothing");
    this.#showUnread(link, room);
    link.classList.toggle("joined", room.joined);
    if (room === this.chat.current) link.ariaCurrent = "page";
    return item;
  }

  #showUnread(link, { joined, level, unread, mentions }) {
    const isQuiet = !joined || level === "nothing";
    const calls = isQuiet ? 0 : mentions;
    const others = isQuiet || level === "mentions" ? 0 : unread - calls;
    link.classList.toggle("has-news", others + calls > 0);
    for (const [selector, key, count] of [
      [".news", "unread.messages", others],
      [".calls", "unread.mentions", calls],
    ]) {
      const badge = link.querySelector(selector);
      badge.hidden = count === 0;
      badge.firstElementChild.textContent = count > MOST_SHOWN ? `${MOST_SHOWN}+` : count;
      badge.lastElementChild.textContent = t(key, { count });
    }
  }

  #pressed(event) {
    const link = event.target.closest("a");
    if (!link || event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    this.chat.open(link.dataset.room);
    this.closest("[popover]").hidePopover();
  }
}

function iconOf({ kind }) {
  return { private: "lock", direct: "person" }[kind] ?? "hash";
}

customElements.define("room-list", RoomList);
