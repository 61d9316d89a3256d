/* A list under a field: the arrow keys choose in it while one types on, Enter takes what is
   chosen, and so does a click. */

export class Choices {
  #chosen = -1;

  /* `take(index)` is called with what was taken; `nearEnd()` when the last one is chosen. */
  constructor({ field, list, take, nearEnd = () => {} }) {
    Object.assign(this, { field, list, take, nearEnd });
    field.addEventListener("keydown", (event) => this.#keyed(event));
    list.addEventListener("click", (event) => this.#clicked(event));
  }

  /** Shows these <li>; `keep`: they are more of the same. */
  show(items, { keep = false } = {}) {
    for (const [index, item] of items.entries()) {
      item.id = `${this.list.id}-${index}`;
      item.role = "option";
      item.ariaSelected = "false";
    }
    this.list.replaceChildren(...items);
    this.#choose(keep ? Math.min(this.#chosen, items.length - 1) : items.length ? 0 : -1);
  }

  #keyed(event) {
    const step = { ArrowDown: 1, ArrowUp: -1 }[event.key];
    if (event.isComposing || event.altKey) return;
    if (step) {
      event.preventDefault();
      this.#choose(this.#chosen + step);
    } else if (event.key === "Enter") {
      event.preventDefault();
      if (this.#chosen >= 0) this.take(this.#chosen);
    }
  }

  #clicked(event) {
    const item = event.target.closest("[role=option]");
    if (!item) return;
    event.preventDefault();
    this.take([...this.list.children].indexOf(item));
  }

  #choose(index) {
    const items = [...this.list.children];
    items[this.#chosen]?.setAttribute("aria-selected", "false");
    this.#chosen = Math.max(Math.min(index, items.length - 1), items.length ? 0 : -1);
    const item = items[this.#chosen];
    item?.setAttribute("aria-selected", "true");
    item?.scrollIntoView({ block: "nearest" });
    if (item) this.field.setAttribute("aria-activedescendant", item.id);
    else this.field.removeAttribute("aria-activedescendant");
    this.field.setAttribute("aria-expanded", String(items.length > 0));
    if (items.length > 0 && index >= items.length - 1) this.nearEnd();
  }
}
