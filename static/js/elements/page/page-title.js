/* <page-title>: how much is unread, on the tab: "(3) General · Chat", and a badge on the icon. */

import { onceAMoment } from "../../lib/browser/once.js";
import { part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { titleFor } from "../../models/rooms/rooms.js";

const TITLES = { inbox: "inbox.title", threads: "threads.title", saved: "saved.title" };

class PageTitle extends HTMLElement {
  icon = part(document, "link[rel=icon]", HTMLLinkElement);
  /** @type {import("../../models/chat.js").Chat} */
  chat;
  #showSoon = onceAMoment(() => this.#show());

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat.place.on("changed", () => this.#showSoon());
    for (const news of /** @type {const} */ (["rooms", "room", "opened", "view"])) chat.on(news, () => this.#showSoon());
    this.#show();
  }

  #show() {
    const rooms = [...this.chat.rooms.values()];
    const unread = sum(rooms.map(({ calling }) => calling));
    const { opened, place } = this.chat;
    const where = opened ? titleFor(opened, this.chat) : t(TITLES[/** @type {"inbox"} */ (this.chat.view)]);
    const title = `${unread ? `(${unread}) ` : ""}${where} · ${place.name}`;
    if (document.title !== title) document.title = title;
    this.#badge(unread === 0 ? "" : rooms.some(isCalled) ? "-called" : "-unread");
  }

  /** @param {string} kind */
  #badge(kind) {
    const href = this.icon.href.replace(/favicon[^/]*\.svg/, `favicon${kind}.svg`);
    if (this.icon.href !== href) this.icon.href = href;
  }
}

/** @param {import("../../models/rooms/room.js").Room} room */
function isCalled({ calling, mentions }) {
  return calling > 0 && mentions > 0;
}

/** @param {number[]} numbers */
function sum(numbers) {
  return numbers.reduce((all, number) => all + number, 0);
}

customElements.define("page-title", PageTitle);
