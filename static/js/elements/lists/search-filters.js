/* The filters above what a search has found: each is an operator of the query, and says its value.
   Pressed, it is taken out; otherwise it is begun, and the offers go on. */

import { part } from "../../lib/page/parts.js";
import { finished, filtersIn, withFilter, withoutFilters } from "../../lib/search/query.js";
import { t } from "../../lib/text/words.js";

/** @typedef {import("../../lib/search/query.js").Key} Key */

/** Those that a filter stands for: a day is a beginning, an end, or both.
    @type {Partial<Record<string, Key[]>>} */
const KEYS = { after: ["after", "before"] };

export class SearchFilters {
  /** `change(query)` is called with the query that is wanted; `said(key, value)` says a value as people
      read it.
      @param {{ bar: HTMLElement, query: () => string, change: (query: string) => void, said: (key: Key, value: string) => string }} parts */
  constructor({ bar, query, change, said }) {
    this.query = query;
    this.change = change;
    this.said = said;
    this.day = part(bar, ".filter-day", HTMLInputElement);
    this.buttons = [...bar.querySelectorAll("button")];
    for (const button of this.buttons) button.addEventListener("click", () => this.#press(button));
    this.day.addEventListener("change", () => this.day.value && change(`${withFilter(query(), "after", this.day.value)} `));
  }

  show() {
    const filters = filtersIn(finished(this.query()));
    for (const button of this.buttons) {
      const given = keysOf(button).filter((key) => filters[key]);
      const values = given.map((key) => this.said(key, filters[key] ?? ""));
      button.ariaPressed = String(given.length > 0);
      part(button, ".filter-name").textContent = values.join(" · ") || t(`filter.${button.dataset.filter}`);
    }
  }

  /** @param {HTMLButtonElement} button */
  #press(button) {
    const keys = keysOf(button);
    const [key] = keys;
    const query = finished(this.query());
    if (button.ariaPressed === "true") return this.change(withoutFilters(query, keys));
    this.change(`${query} ${key}:`.trimStart());
  }

  /** The calendar of the browser, for a day that is not offered. */
  pickDay() {
    this.day.showPicker();
  }
}

/** @param {HTMLButtonElement} button */
function keysOf({ dataset: { filter = "" } }) {
  return KEYS[filter] ?? [/** @type {Key} */ (filter)];
}
