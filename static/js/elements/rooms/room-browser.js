/* <room-browser>: all public rooms, what they are about, and the ways in and out. */

import { around, cloned, part } from "../../lib/page/parts.js";
import { fit } from "../../lib/search/fuzzy.js";
import { onceATurn } from "../../lib/browser/once.js";
import { GENERAL, pathOf } from "../../lib/page/routes.js";
import { ago } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { browsable } from "../../models/rooms/room-desk.js";
import { leaveRoom } from "./room-leaving.js";

class RoomBrowser extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  field = part(this, "input", HTMLInputElement);
  list = part(this, "ul");
  note = part(this, ".hint");
  template = part(this, "template", HTMLTemplateElement);
  /** @type {import("../../models/chat.js").Chat} */
  chat;
  #showSoon = onceATurn(() => this.#show());

  connectedCallback() {
    this.field.addEventListener("input", () => this.#show());
    this.list.addEventListener("click", (event) => this.#pressed(event));
    part(this, "[data-do=close]", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-browse", () => this.#open());
  }

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
    for (const news of /** @type {const} */ (["rooms", "room"])) chat.on(news, () => this.dialog.open && this.#showSoon());
  }

  #open() {
    this.field.value = "";
    this.dialog.showModal();
    this.#show();
    this.chat.refresh();
  }

  #show() {
    const focused = document.activeElement?.closest("[data-room]")?.getAttribute("data-room");
    const rooms = browsable(this.chat.rooms.values()).filter(({ title }) => fit(this.field.value, title) !== null);
    this.list.replaceChildren(...rooms.map((room) => this.#item(room)));
    this.note.textContent = rooms.length === 0 ? t("browse.none") : "";
    const again = focused && this.list.querySelector(`[data-room="${CSS.escape(focused)}"] button`);
    if (again instanceof HTMLElement) again.focus();
  }

  /** @param {import("../../models/rooms/room.js").Room} room */
  #item(room) {
    const item = cloned(this.template);
    item.dataset.room = room.name;
    const link = part(item, "a", HTMLAnchorElement);
    link.href = pathOf(room.name);
    link.textContent = room.title;
    part(item, ".listed-topic").textContent = room.topic;
    part(item, ".listed-facts").textContent = [...this.#facts(room)].join(" · ");
    const button = part(item, "button", HTMLButtonElement);
    button.textContent = t(room.joined ? "room.leave" : "room.join");
    link.title = t(room.joined ? "browse.open" : "browse.look");
    button.ariaLabel = `${button.textContent}: ${room.title}`;
    button.hidden = room.name === GENERAL;
    return item;
  }

  /** @param {import("../../models/rooms/room.js").Room} room */
  *#facts({ facts: { member_count: memberCount = 0 }, count, lastAt, archived }) {
    if (memberCount > 0) yield t("browse.members", { count: memberCount });
    if (count > 0 || memberCount === 0) yield t("browse.people", { count });
    if (lastAt) yield t("browse.active", { when: ago(lastAt, this.chat.now()) });
    if (archived) yield t("room.archived");
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const { room: name } = around(event, "[data-room]")?.dataset ?? {};
    const isButton = around(event, "button");
    if (!name || !(isButton || around(event, "a"))) return;
    event.preventDefault();
    if (isButton && this.chat.rooms.get(name)?.joined) return leaveRoom(name);
    this.dialog.close();
    this.chat.open(name, { joins: Boolean(isButton) });
  }
}

customElements.define("room-browser", RoomBrowser);
