/* <switcher-panel>: go somewhere else, by a few letters of its name. */

import { t } from "../lib/words.js";
import { Lost, Refused } from "../models/refused.js";
import { Switcher } from "../models/switcher.js";
import { Choices } from "./choices.js";

class SwitcherPanel extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.field = this.querySelector("input");
    this.list = this.querySelector(".choices");
    this.note = this.querySelector(".finder-note");
    this.template = this.querySelector("template");
    this.field.addEventListener("input", () => this.#typed());
    this.querySelector("[data-do=close]").addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-switch", () => this.#open());
  }

  attend(chat) {
    this.chat = chat;
    this.switcher = new Switcher(chat);
    this.choices = new Choices({
      field: this.field,
      list: this.list,
      take: (index) => this.#go(this.places[index]),
    });
  }

  #open() {
    this.field.value = "";
    if (!this.dialog.open) this.dialog.showModal();
    this.#show();
  }

  /** Whom the page does not know, the server may. */
  async #typed() {
    this.#show();
    const typed = this.field.value;
    try {
      if ((await this.switcher.ask(typed)) && typed === this.field.value) this.#show();
    } catch (error) {
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
    }
  }

  #show() {
    this.places = this.switcher.find(this.field.value);
    this.choices.show(this.places.map((place) => this.#item(place)));
    this.#say(this.places.length ? "" : t("switcher.nothing"));
  }

  #item({ kind, name, title, room }) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    const flag = item.querySelector(".flag");
    const { letter, hue, pattern } = this.chat.people.flag(name);
    flag.textContent = letter;
    Object.assign(flag.dataset, { hue, pattern });
    flag.hidden = kind === "room";
    item.querySelector(".icon").toggleAttribute("hidden", kind !== "room");
    item.querySelector(".place-title").textContent = title;
    item.querySelector(".place-note").textContent = kind === "person" && title !== name ? `@${name}` : noteOf(kind, room);
    return item;
  }

  async #go({ kind, name }) {
    try {
      const room = kind === "room" ? name : await this.chat.talkTo(name);
      this.dialog.close();
      this.chat.open(room);
    } catch (error) {
      if (error instanceof Lost) this.#say(t("offline.try-again"));
      else if (error instanceof Refused) this.#say(error.message);
      else throw error;
    }
  }

  #say(text) {
    this.note.textContent = text;
  }
}

function noteOf(kind, room) {
  if (kind === "person") return t("switcher.person");
  if (room.unread > 0 && room.joined) return t("unread.messages", { count: room.unread });
  return room.joined ? "" : t("switcher.not-joined");
}

customElements.define("switcher-panel", SwitcherPanel);
