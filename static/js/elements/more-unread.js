/* The button at the foot of the list of rooms while rooms with something new are below what one sees of
   it: it leads to the first of them. */

import { part, write } from "../lib/parts.js";
import { t } from "../lib/words.js";

export class MoreUnread {
  /** @type {Set<Element>} the links of rooms with something new that are below */
  #below = new Set();
  #observer;

  /** @param {{ list: HTMLElement, button: HTMLElement }} parts */
  constructor({ list, button }) {
    this.list = list;
    this.button = button;
    this.#observer = new IntersectionObserver((seen) => this.#saw(seen), { root: list });
    button.addEventListener("click", () => this.#go());
  }

  /** The rooms have changed. */
  look() {
    this.#observer.disconnect();
    this.#below.clear();
    for (const link of this.list.querySelectorAll(".has-news")) this.#observer.observe(link);
    this.#show();
  }

  /** @param {IntersectionObserverEntry[]} seen */
  #saw(seen) {
    for (const { target, isIntersecting, boundingClientRect, rootBounds } of seen) {
      const isBelow = !isIntersecting && rootBounds && boundingClientRect.top >= rootBounds.bottom;
      if (isBelow) this.#below.add(target);
      else this.#below.delete(target);
    }
    this.#show();
  }

  #show() {
    this.button.hidden = this.#below.size === 0;
    write(part(this.button, "span"), t("unread.rooms-below", { count: this.#below.size }));
  }

  #go() {
    const first = [...this.list.querySelectorAll(".has-news")].find((link) => this.#below.has(link));
    first?.scrollIntoView({ block: "center" });
    if (first instanceof HTMLElement) first.focus({ preventScroll: true });
  }
}
