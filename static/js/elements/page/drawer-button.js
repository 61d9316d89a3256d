/* <drawer-button>: opens the sidebar where it is a drawer; a dot tells of something new elsewhere, red
   where somebody calls one. */

import { onceAMoment } from "../../lib/browser/once.js";
import { part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";

class DrawerButton extends HTMLElement {
  button = part(this, "button");
  dot = part(this, ".dot");
  #showSoon = onceAMoment(() => this.#show());

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
    for (const news of /** @type {const} */ (["rooms", "room", "opened", "view"])) chat.on(news, () => this.#showSoon());
    this.#show();
  }

  #show() {
    if (!this.chat) return;
    const { rooms, opened } = this.chat;
    const calling = [...rooms.values()].filter((room) => room !== opened && room.calling > 0);
    const isCalled = calling.some(({ mentions }) => mentions > 0);
    this.dot.hidden = calling.length === 0;
    this.dot.classList.toggle("calls", isCalled);
    const news = isCalled ? "unread.elsewhere.called" : "unread.elsewhere";
    this.button.ariaLabel = calling.length > 0 ? `${t("rooms")}, ${t(news)}` : t("rooms");
  }
}

customElements.define("drawer-button", DrawerButton);
