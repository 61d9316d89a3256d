/* <inbox-link>: the way to the inbox in the sidebar, and how much is in it. */

import { onceAMoment } from "../lib/once.js";
import { opensElsewhere, part } from "../lib/parts.js";
import { showBadge } from "./unread-badge.js";

/** @import { Chat } from "../models/chat.js" */

class InboxLink extends HTMLElement {
  link = part(this, "a", HTMLAnchorElement);
  badge = part(this, ".badge");
  #showSoon = onceAMoment(() => this.#show());
  /** @type {Chat} */
  chat;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.link.addEventListener("click", (event) => this.#pressed(event));
    for (const news of /** @type {const} */ (["rooms", "room", "opened", "view"])) chat.on(news, () => this.#showSoon());
    this.#show();
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    if (opensElsewhere(event)) return;
    event.preventDefault();
    document.dispatchEvent(new CustomEvent("do-inbox"));
    /** @type {HTMLElement | null} */ (this.closest("[popover]"))?.hidePopover();
  }

  #show() {
    const calling = [...this.chat.rooms.values()].filter((room) => room.calling > 0);
    const count = sum(calling.map((room) => room.calling));
    showBadge(this.badge, { calling: count, unread: count, mentions: sum(calling.map(({ mentions }) => mentions)) });
    this.link.ariaCurrent = this.chat.view === "inbox" ? "page" : null;
  }
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((all, number) => all + number, 0);
}

customElements.define("inbox-link", InboxLink);
