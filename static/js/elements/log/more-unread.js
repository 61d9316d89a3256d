/* The buttons above and below the list of rooms while rooms with something new are out of sight there:
   each leads to the nearest of them. */

import { part, write } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { RoomList } from "../rooms/room-list.js";

/** @typedef {"above" | "below"} Side */

class MoreUnread {
  /** @type {Record<Side, Set<Element>>} the links of rooms with something new that are there */
  #hidden = { above: new Set(), below: new Set() };
  #observer;

  /** @param {{ list: HTMLElement, above: HTMLElement, below: HTMLElement }} parts */
  constructor({ list, above, below }) {
    this.list = list;
    this.buttons = { above, below };
    this.#observer = new IntersectionObserver((seen) => this.#saw(seen), { root: list });
    above.addEventListener("click", () => this.#go(this.#links("above").at(-1)));
    below.addEventListener("click", () => this.#go(this.#links("below")[0]));
  }

  /** The rooms have changed. */
  look() {
    this.#observer.disconnect();
    for (const links of Object.values(this.#hidden)) links.clear();
    for (const link of this.list.querySelectorAll(".has-news")) this.#observer.observe(link);
    this.#show();
  }

  /** @param {IntersectionObserverEntry[]} seen */
  #saw(seen) {
    for (const { target, isIntersecting, boundingClientRect, rootBounds } of seen) {
      const isAway = !isIntersecting && rootBounds !== null;
      set(this.#hidden.above, target, isAway && boundingClientRect.bottom <= rootBounds.top);
      set(this.#hidden.below, target, isAway && boundingClientRect.top >= rootBounds.bottom);
    }
    this.#show();
  }

  #show() {
    for (const side of /** @type {const} */ (["above", "below"])) {
      const count = this.#hidden[side].size;
      this.buttons[side].hidden = count === 0;
      write(part(this.buttons[side], "span"), t("unread.rooms-below", { count }));
    }
  }

  /** As they stand in the list.
      @param {Side} side */
  #links(side) {
    return [...this.list.querySelectorAll(".has-news")].filter((link) => this.#hidden[side].has(link));
  }

  /** @param {Element | undefined} link */
  #go(link) {
    link?.scrollIntoView({ block: "center" });
    if (link instanceof HTMLElement) link.focus({ preventScroll: true });
  }
}

/** @template T @param {Set<T>} all @param {T} one @param {boolean} isIn */
function set(all, one, isIn) {
  if (isIn) all.add(one);
  else all.delete(one);
}

const rooms = part(document, "room-list", RoomList);
rooms.more = new MoreUnread({
  list: rooms.list,
  above: part(rooms, ".more-unread.above"),
  below: part(rooms, ".more-unread.below"),
});
rooms.more.look();
