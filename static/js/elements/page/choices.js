/* A list under a field: the arrow keys choose in it while one types on, Enter takes what is
   chosen, and so does a click. */

import { isComposing } from "../../lib/browser/keys.js";
import { around } from "../../lib/page/parts.js";

const STEPS = new Map([
  ["ArrowDown", 1],
  ["ArrowUp", -1],
]);

export class Choices {
  #chosen = -1;

  /** `take(index)` is called with what was taken; `nearEnd()` when the last one is chosen.
      @param {{ field: HTMLInputElement, list: HTMLElement, take: (index: number) => void, nearEnd?: () => void }} parts */
  constructor({ field, list, take, nearEnd = () => {} }) {
    this.field = field;
    this.list = list;
    this.take = take;
    this.nearEnd = nearEnd;
    field.addEventListener("keydown", (event) => this.#keyed(event));
    list.addEventListener("click", (event) => this.#clicked(event));
  }

  /** Shows these <li>; `keep`: they are more of the same; `start` is the one that is chosen, -1 for none.
      @param {HTMLElement[]} items @param {{ keep?: boolean, start?: number }} [how] */
  show(items, { keep = false, start = 0 } = {}) {
    for (const [index, item] of items.entries()) {
      item.id = `${this.list.id}-${index}`;
      item.role = "option";
      item.ariaSelected = "false";
    }
    this.list.replaceChildren(...items);
    this.#choose(keep ? this.#chosen : start, -1);
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const step = STEPS.get(event.key);
    if (isComposing(event) || event.altKey) return;
    if (step) {
      event.preventDefault();
      this.#choose(this.#chosen + step);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.#chosen >= 0) this.take(this.#chosen);
    }
  }

  /** @param {Event} event */
  #clicked(event) {
    const item = around(event, "[role=option]");
    if (!item) return;
    event.preventDefault();
    this.take([...this.list.children].indexOf(item));
  }

  /** @param {number} index @param {number} [least] */
  #choose(index, least = 0) {
    const items = [...this.list.children];
    items[this.#chosen]?.setAttribute("aria-selected", "false");
    this.#chosen = Math.min(Math.max(index, least), items.length - 1);
    const item = items[this.#chosen];
    item?.setAttribute("aria-selected", "true");
    item?.scrollIntoView({ block: "nearest" });
    if (item) this.field.setAttribute("aria-activedescendant", item.id);
    else this.field.removeAttribute("aria-activedescendant");
    this.field.setAttribute("aria-expanded", String(items.length > 0));
    if (items.length > 0 && index >= items.length - 1) this.nearEnd();
  }
}
