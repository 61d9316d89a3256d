/* <pop-menu>: words to choose from, beside the button that opens it; on a phone a sheet from below.
   What is chosen closes it, unless it is to be chosen several times (data-stays). Elements with a menu of
   their own extend it. */

import { around, part } from "../../lib/page/parts.js";
import { laterSheet } from "../../lib/page/sheets.js";

const GAP_PX = 4;
const STEPS = { ArrowUp: -1, ArrowDown: 1 };

export class PopMenu extends HTMLElement {
  /** @type {HTMLElement | null} what has opened it */
  opener = null;

  connectedCallback() {
    this.addEventListener("keydown", (event) => this.#keyed(event));
    this.addEventListener("click", (event) => around(event, "[role^=menuitem]:not([data-stays])") && this.hidePopover());
    this.addEventListener("toggle", (event) => event instanceof ToggleEvent && this.#toggled(event.newState === "open"));
    if (this.id) this.opener = part(document, `[popovertarget=${this.id}]`); // Its press opens and closes it.
    if (this.matches(":popover-open")) void this.#toggled(true); // That press was faster than this.
  }

  /** @param {HTMLElement} button */
  openBeside(button) {
    this.opener = button;
    this.showPopover();
    this.#stand();
  }

  /** @param {boolean} isOpen */
  async #toggled(isOpen) {
    this.opener?.setAttribute("aria-expanded", String(isOpen));
    if (!isOpen) delete this.dataset.stands;
    else if (this.dataset.stands === undefined) {
      await laterSheet().catch(() => {}); // Without a network, it is plain.
      if (this.matches(":popover-open")) this.#stand();
    }
  }

  /** Below its button, or above it where there is more room; the sheet of a phone does not care. */
  #stand() {
    if (!this.opener) return;
    const button = this.opener.getBoundingClientRect();
    const { width, height } = this.getBoundingClientRect();
    const start = document.dir === "rtl" ? button.right - width : button.left;
    const isBelow = button.bottom + GAP_PX + height <= innerHeight || button.top < innerHeight / 2;
    const top = isBelow ? button.bottom + GAP_PX : button.top - GAP_PX - height;
    this.style.setProperty("--left", `${within(start, innerWidth - width)}px`);
    this.style.setProperty("--top", `${within(top, innerHeight - height)}px`);
    this.dataset.stands = "";
    this.#items[0]?.focus();
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const items = this.#items;
    const at = items.findIndex((item) => item === document.activeElement);
    const step = STEPS[/** @type {"ArrowUp"} */ (event.key)];
    const to = event.key === "Home" ? 0 : event.key === "End" ? -1 : step && Math.max(at, step < 0 ? 0 : -1) + step;
    if (event.key === "Tab") this.hidePopover();
    if (to === undefined) return;
    event.preventDefault();
    items.at(to % items.length)?.focus();
  }

  /** @returns {HTMLElement[]} */
  get #items() {
    const items = /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll("[role^=menuitem]:not(:disabled)"));
    return [...items].filter((item) => item.offsetParent !== null || item.getClientRects().length > 0);
  }
}

/** @param {number} place @param {number} most */
function within(place, most) {
  return Math.max(GAP_PX, Math.min(place, most - GAP_PX));
}

customElements.define("pop-menu", PopMenu);
