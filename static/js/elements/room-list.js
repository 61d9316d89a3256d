/* <room-list>: the rooms in the sidebar. A link each, so that they can be copied and opened in
   another tab; a plain click switches within the page. */

import { onceATurn } from "../lib/once.js";
import { around, cloned, fill, opensElsewhere, part, write } from "../lib/parts.js";
import { pathOf } from "../lib/routes.js";
import { t } from "../lib/words.js";
import { iconOf, listed, present, titleFor } from "../models/rooms.js";
import { MoreUnread } from "./more-unread.js";

/** @import { Chat } from "../models/chat.js" */
/** @import { Room } from "../models/room.js" */

const MOST_SHOWN = 99;

class RoomList extends HTMLElement {
  list = part(this, "ul");
  rest = part(this, ".room-rest");
  template = part(this, "template", HTMLTemplateElement);
  more = new MoreUnread({ list: this.list, button: part(this, ".more-unread") });
  #showSoon = onceATurn(() => this.#show());
  /** @type {Map<string, { item: HTMLElement, looks: string }>} by the names of rooms */
  #items = listedIn(this.list);
  #isWritten = false;
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
    const items = rooms.map((room) => this.#item(room));
    const areOthers = fill(this.list, [...items, this.rest]);
    if (areOthers || this.#isWritten) this.more.look();
    this.#isWritten = false;
  }

  /** @param {number} count how many there are that are not listed */
  #showRest(count) {
    this.rest.hidden = count === 0;
    write(part(this.rest, "span"), t("rooms.rest", { count }));
  }

  /** Written anew only where something of it has changed: a busy room changes fifty times a second.
      @param {Room} room */
  #item(room) {
    const looks = JSON.stringify([looksOf(room), titleFor(room, this.chat), room === this.chat.current]);
    const known = this.#items.get(room.name);
    const item = known?.item ?? cloned(this.template);
    if (known?.looks !== looks) this.#write(item, room);
    this.#items.set(room.name, { item, looks });
    return item;
  }

  /** @param {HTMLElement} item @param {Room} room */
  #write(item, room) {
    this.#isWritten = true;
    const link = part(item, "a", HTMLAnchorElement);
    link.href = pathOf(room.name);
    link.dataset.room = room.name;
    part(link, ".room-title").textContent = titleFor(room, this.chat);
    part(link, "use", SVGElement).setAttribute("href", `#icon-${iconOf(room)}`);
    part(link, ".star").hidden = !room.favourite;
    link.classList.toggle("muted", room.level === "nothing");
    this.#showUnread(link, room);
    link.classList.toggle("joined", room.joined);
    link.ariaCurrent = room === this.chat.current ? "page" : null;
    part(item, ".room-more").ariaLabel = t("room.menu", { room: titleFor(room, this.chat) });
  }

  /** @param {HTMLAnchorElement} link @param {Room} room */
  #showUnread(link, { joined, level, unread, mentions }) {
    const calls = level === "nothing" ? 0 : mentions;
    const others = joined && level === "all" ? unread - calls : 0;
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

/** The rooms that the server has listed.
    @param {HTMLElement} list @returns {Map<string, { item: HTMLElement, looks: string }>} */
function listedIn(list) {
  /** @type {NodeListOf<HTMLElement>} */
  const items = list.querySelectorAll(".room-item");
  return new Map(Array.from(items, (item) => [part(item, ".room-link").dataset.room ?? "", { item, looks: "" }]));
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

customElements.define("room-list", RoomList);
