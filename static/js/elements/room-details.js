/* <room-details>: about the open room. How one wants to hear of it, who may come, and for those who
   look after it, what it is called and who may write. */

import { t } from "../lib/words.js";
import { GENERAL } from "../models/chat.js";
import { Lost, Refused } from "../models/refused.js";
import { RoomDesk, titleFor } from "../models/rooms.js";

class RoomDetails extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.problem = this.querySelector(".problem");
    this.settings = this.querySelector(".room-settings");
    this.members = this.querySelector(".room-members");
    this.archive = this.querySelector("[data-do=archive]");
    this.querySelector("[data-do=close]").addEventListener("click", () => this.dialog.close());
    this.querySelector("[data-do=leave]").addEventListener("click", () => this.#leave());
    this.archive.addEventListener("click", () => this.#update({ archived: !this.room.archived }));
    this.querySelector("[name=favourite]").addEventListener("change", ({ target }) =>
      this.#try(() => this.desk.prefer(this.room, { favourite: target.checked })),
    );
    for (const choice of this.querySelectorAll("[name=level]")) {
      choice.addEventListener("change", () => this.#try(() => this.desk.prefer(this.room, { level: choice.value })));
    }
    this.settings.addEventListener("submit", (event) => this.#submitted(event));
    this.members.addEventListener("submit", (event) => this.#invited(event));
    this.members.addEventListener("click", (event) => this.#pressed(event));
    document.addEventListener("do-details", () => this.#open());
  }

  attend(chat) {
    this.chat = chat;
    this.desk = new RoomDesk(chat.connection);
    chat.on("room", ({ room }) => this.dialog.open && room === this.room && this.#show());
    chat.on("opened", () => this.dialog.open && chat.current !== this.room && this.dialog.close());
  }

  get room() {
    return this.chat.rooms.get(this.name);
  }

  #open() {
    this.name = this.chat.current.name;
    this.#say("");
    this.#show();
    this.#fill();
    this.dialog.showModal();
  }

  #show() {
    const { room } = this;
    this.querySelector("h2").textContent = titleFor(room, this.chat);
    this.querySelector(".details-topic").textContent = room.topic || t("room.no-topic");
    this.querySelector("[name=favourite]").checked = room.favourite;
    this.querySelector(`[name=level][value="${room.level}"]`).checked = true;
    this.querySelector("[data-do=leave]").hidden = room.name === GENERAL || room.kind === "direct";
    this.settings.hidden = !room.mayChange;
    this.archive.hidden = room.name === GENERAL;
    this.archive.textContent = t(room.archived ? "room.reopen" : "room.archive");
    this.members.hidden = room.kind !== "private";
    this.members.querySelector("ul").replaceChildren(...room.invited.map((name) => this.#member(name)));
  }

  /** The fields, when it opens and when it was saved: not while somebody is writing in them. */
  #fill() {
    const { title, topic, slow_seconds: slow, read_only: readOnly } = this.settings.elements;
    title.value = this.room.title;
    topic.value = this.room.topic;
    readOnly.checked = this.room.readOnly;
    slow.value = this.room.slowSeconds;
    if (slow.value === "") slow.value = nearest(slow, this.room.slowSeconds);
  }

  #member(name) {
    const item = this.members.querySelector("template").content.firstElementChild.cloneNode(true);
    const shown = item.querySelector("bdi");
    shown.textContent = this.chat.people.shown(name);
    shown.title = `@${name}`;
    const button = item.querySelector("button");
    button.dataset.name = name;
    button.ariaLabel = t("room.remove", { name: shown.textContent });
    button.hidden = !this.room.mayChange || name === this.chat.me;
    return item;
  }

  #submitted(event) {
    event.preventDefault();
    const { title, topic, slow_seconds: slow, read_only: readOnly } = this.settings.elements;
    this.#update({
      title: title.value.trim(),
      topic: topic.value.trim(),
      read_only: readOnly.checked,
      slow_seconds: Number(slow.value),
    });
  }

  async #update(changes) {
    const isDone = await this.#try(() => this.desk.update(this.room, changes));
    if (isDone) {
      this.#fill();
      this.#say(t("room.saved"));
    }
  }

  async #invited(event) {
    event.preventDefault();
    const { name } = event.target.elements;
    if (await this.#try(() => this.desk.invite(this.room, name.value.trim()))) name.value = "";
  }

  #pressed(event) {
    const name = event.target.closest("button[data-name]")?.dataset.name;
    if (name) this.#try(() => this.desk.remove(this.room, name));
  }

  #leave() {
    this.dialog.close();
    this.chat.leave(this.room.name);
  }

  /** Whether it came to something; if not, it says why. */
  async #try(step) {
    this.#say("");
    try {
      await step();
      return true;
    } catch (error) {
      if (error instanceof Lost) this.#say(t("offline.try-again"));
      else if (error instanceof Refused) this.#say(error.message);
      else throw error;
      this.#show();
      return false;
    }
  }

  #say(text) {
    this.problem.textContent = text;
    this.problem.classList.toggle("hint", text === t("room.saved"));
  }
}

function nearest(select, seconds) {
  const values = [...select.options].map(({ value }) => Number(value));
  return String(values.findLast((value) => value <= seconds) ?? 0);
}

customElements.define("room-details", RoomDetails);
