/* <switcher-panel>: go somewhere else, by a few letters of its name. */

import { showFlag } from "../../lib/page/flag.js";
import { cloned, part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { ignoreUnanswered, problemOf } from "../../models/refused.js";
import { iconOf } from "../../models/rooms/rooms.js";
import { Switcher } from "../../models/lists/switcher.js";
import { Choices } from "../page/choices.js";

/** @import { Place } from "../../models/lists/switcher.js" */

class SwitcherPanel extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  field = part(this, "input", HTMLInputElement);
  list = part(this, ".choices");
  note = part(this, ".finder-note");
  template = part(this, "template", HTMLTemplateElement);
  /** @type {import("../../models/chat.js").Chat} */
  chat;
  /** @type {Switcher} */
  switcher;
  /** @type {Choices} */
  choices;
  /** @type {Place[]} */
  places = [];

  connectedCallback() {
    this.field.addEventListener("input", () => this.#typed());
    part(this, "[data-do=close]", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-switch", () => this.#open());
  }

  /** @param {import("../../models/chat.js").Chat} chat */
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
    if (this.places.length === 0) this.#say(t("search.searching"));
    const typed = this.field.value;
    try {
      await this.switcher.ask(typed);
    } catch (error) {
      ignoreUnanswered(error);
    }
    const isNews = this.switcher.isNews(typed, this.places) || this.places.length === 0;
    if (isNews && typed === this.field.value) this.#show();
  }

  #show() {
    this.places = this.switcher.find(this.field.value);
    this.choices.show(this.places.map((place) => this.#item(place)));
    this.#say(this.places.length ? "" : t("switcher.nothing"));
  }

  /** @param {Place} place */
  #item({ kind, name, title, room }) {
    const item = cloned(this.template);
    const flag = part(item, ".flag");
    showFlag(flag, this.chat.people.flag(name));
    flag.hidden = kind === "room";
    part(item, ".icon", SVGElement).toggleAttribute("hidden", kind !== "room");
    if (room) part(item, "use", SVGElement).setAttribute("href", `#icon-${iconOf(room)}`);
    part(item, ".place-title").textContent = title;
    part(item, ".place-note").textContent = kind === "person" && title !== name ? `@${name}` : noteOf(kind, room);
    return item;
  }

  /** @param {Place} place */
  async #go({ kind, name }) {
    try {
      const room = kind === "room" ? name : await this.chat.talkTo(name);
      this.dialog.close();
      this.chat.open(room);
    } catch (error) {
      this.#say(problemOf(error));
    }
  }

  /** @param {string} text */
  #say(text) {
    this.note.textContent = text;
  }
}

/** @param {Place["kind"]} kind @param {Place["room"]} room */
function noteOf(kind, room) {
  if (kind === "person" || !room) return t("switcher.person");
  if (room.unread > 0 && room.joined) return t("unread.messages", { count: room.unread });
  return room.joined ? "" : t("switcher.not-joined");
}

customElements.define("switcher-panel", SwitcherPanel);
