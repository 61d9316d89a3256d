/* The way to a list in the sidebar, and how much in it waits for one. */

import { onceAMoment } from "../../lib/browser/once.js";
import { opensElsewhere, part } from "../../lib/page/parts.js";

/** @import { Chat } from "../../models/chat.js" */

export class SideLink extends HTMLElement {
  link = part(this, "a", HTMLAnchorElement);
  badge = part(this, ".badge");
  showSoon = onceAMoment(() => this.#show());
  #view = "";
  /** @type {Chat} */
  chat;

  /** @param {Chat} chat @param {string} view @param {readonly ("rooms" | "room" | "opened" | "view")[]} news what changes it */
  begin(chat, view, news) {
    this.chat = chat;
    this.#view = view;
    this.link.addEventListener("click", (event) => this.#pressed(event));
    for (const each of news) chat.on(each, () => this.showSoon());
    this.#show();
  }

  /** Each says what there is. */
  showBadge() {}

  /** @param {MouseEvent} event */
  #pressed(event) {
    if (opensElsewhere(event)) return;
    event.preventDefault();
    document.dispatchEvent(new CustomEvent(`do-${this.#view}`));
    /** @type {HTMLElement | null} */ (this.closest("[popover]"))?.hidePopover();
  }

  #show() {
    this.showBadge();
    this.link.ariaCurrent = this.chat.view === this.#view ? "page" : null;
  }
}
