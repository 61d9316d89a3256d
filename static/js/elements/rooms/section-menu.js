/* <section-menu>: how a section of the sidebar is sorted. */

import { around, part } from "../../lib/page/parts.js";
import { PopMenu } from "../page/pop-menu.js";
import { RoomList } from "./room-list.js";

/** @import { SectionName, Sort } from "../../models/rooms/sections.js" */

class SectionMenu extends PopMenu {
  list = part(document, "room-list", RoomList);
  /** @type {SectionName} */
  #section = "rooms";

  connectedCallback() {
    super.connectedCallback();
    document.addEventListener("open-section-menu", (event) => this.#asked(/** @type {CustomEvent} */ (event).detail.button));
    this.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {HTMLElement} button */
  #asked(button) {
    /** @type {HTMLElement | null} */
    const section = button.closest(".room-section");
    this.#section = /** @type {SectionName} */ (section?.dataset.section);
    this.ariaLabel = button.ariaLabel;
    const chosen = this.list.sections.layout.sortOf(this.#section);
    /** @type {NodeListOf<HTMLElement>} */
    const items = this.querySelectorAll("[data-sort]");
    for (const item of items) item.ariaChecked = String(item.dataset.sort === chosen);
    this.openBeside(button);
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const sort = around(event, "[data-sort]")?.dataset.sort;
    if (sort) this.list.sections.sort(this.#section, /** @type {Sort} */ (sort));
  }
}

customElements.define("section-menu", SectionMenu);
