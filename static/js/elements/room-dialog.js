/* <room-dialog>: makes a room. People give it a title; its name, which is also its address,
   follows from that. What the server has against it stands beside the field. */

import { part } from "../lib/parts.js";
import { roomNameOf } from "../lib/routes.js";
import { t } from "../lib/words.js";
import { problemOf } from "../models/refused.js";

class RoomDialog extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  form = part(this, "form", HTMLFormElement);
  field = part(this, "input", HTMLInputElement);
  address = part(this, ".hint");
  hint = this.address.textContent ?? "";
  problem = part(this, ".problem");
  /** @type {import("../models/chat.js").Chat} */
  chat;

  connectedCallback() {
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.field.addEventListener("input", () => this.#written());
    part(this, "[data-do=close]", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-create-room", () => this.chat.place.mayMakeRooms && this.#open());
  }

  /** @param {import("../models/chat.js").Chat} chat */
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

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    event.preventDefault();
    const title = this.field.value.trim();
    const name = roomNameOf(title);
    if (!name) return this.#say(t("new-room.letter"));
    try {
      const created = await this.chat.create(name, title, this.#kind);
      this.dialog.close();
      this.chat.open(created);
      if (this.chat.rooms.get(created)?.kind === "private") document.dispatchEvent(new CustomEvent("do-invite"));
    } catch (error) {
      this.#say(problemOf(error));
    }
  }

  /** The kind that was chosen, where one may choose. */
  get #kind() {
    const kind = /** @type {import("../types.js").RoomInfo["kind"] | null} */ (new FormData(this.form).get("kind"));
    return kind ?? undefined;
  }

  /** @param {string} problem */
  #say(problem) {
    this.problem.textContent = problem;
    this.field.setAttribute("aria-invalid", String(problem !== ""));
  }
}

customElements.define("room-dialog", RoomDialog);
