/* <room-list>: the rooms in the sidebar. A link each, so that they can be copied and opened in
   another tab; a plain click switches within the page. */

import { onceATurn } from "../lib/once.js";
import { around, cloned, opensElsewhere, part, write } from "../lib/parts.js";
import { pathOf } from "../lib/routes.js";
import { t } from "../lib/words.js";
import { listed, present, titleFor } from "../models/rooms.js";

/** @import { Chat } from "../models/chat.js" */
/** @import { Room } from "../models/room.js" */

const MOST_SHOWN = 99;

class RoomList extends HTMLElement {
  list = part(this, "ul");
  rest = part(this, ".room-rest");
  template = part(this, "template", HTMLTemplateElement);
  #showSoon = onceATurn(() => this.#show());
  /** @type {Map<string, { item: HTMLElement, looks: string }>} by the names of rooms */
  #items = new Map();
  /** @type {Chat} */
  chat;

  connectedCallback() {
    this.list.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    for (const news of /** @type {const} */ (["rooms", "room", "opened"])) chat.on(news, () => this.#showSoon());
    this.#show();
  }

  #show() {
    const { rooms: known, current } = this.chat;
    const rooms = listed(known.values(), current);
    this.#showRest(present(known.values(), current).length - rooms.length);
    const items = [...rooms.map((room) => this.#item(room)), this.rest];
    const { children } = this.list;
    if (children.length === items.length && items.every((item, at) => item === children[at])) return;
    const focused = this.list.contains(document.activeElement) ? document.activeElement : null;
    this.list.replaceChildren(...items);
    if (focused instanceof HTMLElement && focused.dataset.room) this.#focus(focused.dataset.room);
  }

  /** @param {number} count how many there are that are not listed */
  #showRest(count) {
    this.rest.hidden = count === 0;
    write(part(this.rest, "span"), t("rooms.rest", { count }));
  }

  /** @param {string} room */
  #focus(room) {
    this.#items.get(room)?.item.querySelector("a")?.focus();
  }

  /** The same as before, where nothing of it has changed: a busy room changes fifty times a second.
      @param {Room} room */
  #item(room) {
    const looks = JSON.stringify([looksOf(room), titleFor(room, this.chat), room === this.chat.current]);
    const known = this.#items.get(room.name);
    if (known?.looks === looks) return known.item;
    const item = this.#newItem(room);
    this.#items.set(room.name, { item, looks });
    return item;
  }

  /** @param {Room} room */
  #newItem(room) {
    const item = cloned(this.template);
    const link = part(item, "a", HTMLAnchorElement);
    link.href = pathOf(room.name);
    link.dataset.room = room.name;
    part(link, ".room-title").textContent = titleFor(room, this.chat);
    part(link, "use", SVGElement).setAttribute("href", `#icon-${iconOf(room)}`);
    part(link, ".star").hidden = !room.favourite;
    link.classList.toggle("muted", room.level === "nothing");
    this.#showUnread(link, room);
    link.classList.toggle("joined", room.joined);
    if (room === this.chat.current) link.ariaCurrent = "page";
    part(item, ".room-more").ariaLabel = t("room.menu", { room: titleFor(room, this.chat) });
    return item;
  }

  /** @param {HTMLAnchorElement} link @param {Room} room */
  #showUnread(link, { joined, level, unread, mentions }) {
    const isQuiet = !joined || level === "nothing";
    const calls = isQuiet ? 0 : mentions;
    const others = isQuiet || level === "mentions" ? 0 : unread - calls;
    link.classList.toggle("has-news", others + calls > 0);
    showCount(part(link, ".news"), "unread.messages", others);
    showCount(part(link, ".calls"), "unread.mentions", calls);
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const room = around(event, "a")?.dataset.room;
    if (!room || opensElsewhere(event)) return;
    event.preventDefault();
    this.chat.open(room);
    /** @type {HTMLElement | null} */ (this.closest("[popover]"))?.hidePopover();
  }
}

/** @param {HTMLElement} badge @param {string} key @param {number} count */
function showCount(badge, key, count) {
  badge.hidden = count === 0;
  part(badge, ":first-child").textContent = count > MOST_SHOWN ? `${MOST_SHOWN}+` : String(count);
  part(badge, ":last-child").textContent = t(key, { count });
}

/** All that an item shows of a room.
    @param {Room} room */
function looksOf({ kind, favourite, level, joined, unread, mentions }) {
  return [kind, favourite, level, joined, unread, mentions];
}

/** @param {Room} room */
function iconOf({ kind, invited }) {
  const icons = { private: "lock", direct: invited.length > 2 ? "people" : "person", public: "hash" };
  return icons[kind];
}

customElements.define("room-list", RoomList);
