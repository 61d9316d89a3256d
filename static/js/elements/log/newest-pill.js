/* The button above the composer that leads to the newest message, and says how many one has not
   seen. It is there when there is something to go to. */

import { part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";

export class NewestPill {
  #count = 0;

  /** @param {HTMLElement} button */
  constructor(button) {
    this.button = button;
    this.label = part(button, "span");
  }

  /** How many are new; `isAway`: the newest is out of sight anyway.
      @param {{ count?: number, isAway: boolean }} situation */
  show({ count = this.#count, isAway }) {
    this.#count = count;
    this.button.hidden = count === 0 && !isAway;
    if (this.button.hidden) return;
    this.button.classList.toggle("news", count > 0);
    this.label.textContent = count === 0 ? t("log.newest") : t("log.new", { count });
  }

  get count() {
    return this.#count;
  }
}
