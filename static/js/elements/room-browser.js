/* <room-browser>: all public rooms, what they are about, and the ways in and out. */

import { fit } from "../lib/fuzzy.js";
import { pathOf } from "../lib/routes.js";
import { t } from "../lib/words.js";
import { GENERAL } from "../models/chat.js";
import { browsable } from "../models/rooms.js";

class RoomBrowser extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.field = this.querySelector("input");
    this.list = this.querySelector("ul");
    this.note = this.querySelector(".hint");
    this.template = this.querySelector("template");
    this.field.addEventListener("input", () => this.#show());
    this.list.addEventListener("click", (event) => this.#pressed(event));
    this.querySelector("[data-do=close]").addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-browse", () => this.#open());
  }

  attend(chat) {
    this.chat = chat;
    for (const news of ["rooms", "room"]) chat.on(news, () => this.dialog.open && this.#showSoon());
  }

  #open() {
    this.field.value = "";
    this.dialog.showModal();
    this.#show();
  }

  #showSoon() {
    this.due ??= queueMicrotask(() => this.#show()) ?? true;
  }

  #show() {
    this.due = null;
    const focused = document.activeElement?.closest?.("[data-room]")?.dataset.room;
    const rooms = browsable(this.chat.rooms.values()).filter(({ title }) => fit(this.field.value, title) !== null);
    this.list.replaceChildren(...rooms.map((room) => this.#item(room)));
    this.note.textContent = rooms.length === 0 ? t("browse.none") : "";
    if (focused) this.list.querySelector(`[data-room="${CSS.escape(focused)}"] button`)?.focus();
  }

  #item(room) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    item.dataset.room = room.name;
    const link = item.querySelector("a");
    link.href = pathOf(room.name);
    link.textContent = room.title;
    item.querySelector(".listed-topic").textContent = room.topic;
    const facts = [t("browse.people", { count: room.count })];
    if (room.archived) facts.push(t("room.archived"));
    item.querySelector(".listed-facts").textContent = facts.join(" · ");
    const button = item.querySelector("button");
    button.textContent = t(room.joined ? "room.leave" : "room.join");
    button.ariaLabel = `${button.textContent}: ${room.title}`;
    button.hidden = room.name === GENERAL;
    return item;
  }

  #pressed(event) {
    const { room: name } = event.target.closest("[data-room]")?.dataset ?? {};
    const isButton = event.target.closest("button");
    if (!name || !(isButton || event.target.closest("a"))) return;
    event.preventDefault();
    if (isButton && this.chat.rooms.get(name).joined) return void this.chat.leave(name);
    this.dialog.close();
    this.chat.open(name);
  }
}

customElements.define("room-browser", RoomBrowser);
