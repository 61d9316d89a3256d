/* <room-dialog>: makes a room. People give it a title; its name, which is also its address,
   follows from that. What the server has against it stands beside the field. */

import { roomNameOf } from "../lib/routes.js";
import { t } from "../lib/words.js";
import { Lost, Refused } from "../models/refused.js";

class RoomDialog extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.form = this.querySelector("form");
    this.field = this.querySelector("input");
    this.address = this.querySelector(".hint");
    this.hint = this.address.textContent;
    this.problem = this.querySelector(".problem");
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.field.addEventListener("input", () => this.#written());
    this.querySelector("[data-do=close]").addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-create-room", () => this.chat.place.mayMakeRooms && this.#open());
  }

  attend(chat) {
    this.chat = chat;
  }

  #open() {
    this.form.reset();
    this.#written();
    this.dialog.showModal();
  }

  #written() {
    const name = roomNameOf(this.field.value);
    this.address.textContent = name ? `${this.hint} ${t("new-room.address", { name })}` : this.hint;
    this.#say("");
  }

  async #submitted(event) {
    event.preventDefault();
    const title = this.field.value.trim();
    const name = roomNameOf(title);
    if (!name) return this.#say(t("new-room.letter"));
    try {
      const created = await this.chat.create(name, title, this.form.elements.kind?.value);
      this.dialog.close();
      this.chat.open(created);
    } catch (error) {
      if (error instanceof Lost) this.#say(t("offline.try-again"));
      else if (error instanceof Refused) this.#say(error.message);
      else throw error;
    }
  }

  #say(problem) {
    this.problem.textContent = problem;
    this.field.setAttribute("aria-invalid", problem !== "");
  }
}

customElements.define("room-dialog", RoomDialog);
