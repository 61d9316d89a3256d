/* <room-dialog>: makes a room. People give it a title; its name, which is also its address,
   follows from that. What the server has against it stands beside the field. */

import { part } from "../../lib/page/parts.js";
import { roomNameOf } from "../../lib/text/room-name.js";
import { t } from "../../lib/text/words.js";
import { Lost, problemOf } from "../../models/refused.js";

/** @import { RecipientPicker } from "../people/recipient-picker.js" */

class RoomDialog extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  form = part(this, "form", HTMLFormElement);
  field = part(this, "input", HTMLInputElement);
  address = part(this, ".hint");
  hint = this.address.textContent ?? "";
  problem = part(this, ".problem");
  /** Where people are chosen for a private room; guests make none. */
  people = /** @type {HTMLElement | null} */ (this.querySelector(".new-room-people"));
  /** @type {RecipientPicker | undefined} */
  picker;
  /** @type {import("../../models/chat.js").Chat} */
  chat;

  connectedCallback() {
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.field.addEventListener("input", () => this.#written());
    this.form.addEventListener("change", ({ target }) => target instanceof HTMLInputElement && target.name === "kind" && this.#showKind());
    part(this, "[data-do=close]", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-create-room", () => this.chat.place.mayMakeRooms && this.#open());
  }

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
  }

  #open() {
    this.form.reset();
    this.#showKind();
    this.dialog.showModal();
  }

  /** People are named for a private room: nobody else can come in. */
  async #showKind() {
    this.#written();
    if (!this.people) return;
    this.people.hidden = this.#kind !== "private";
    if (this.people.hidden) return;
    this.picker ??= await this.#loadPicker(this.people);
    this.picker?.begin();
  }

  /** @param {HTMLElement} root */
  async #loadPicker(root) {
    const { form, chat } = this;
    const explain = (/** @type {unknown} */ error) => this.#say(problemOf(error));
    try {
      const { RecipientPicker } = await import("../people/recipient-picker.js");
      return new RecipientPicker({ root, form, hint: "new-room.people.hint", chat, explain });
    } catch {
      explain(new Lost()); // They can be added when the room is there.
    }
  }

  #written() {
    const name = roomNameOf(this.field.value);
    const who = this.#kind === "private" ? "" : this.hint;
    this.address.textContent = [who, name && t("new-room.address", { name })].filter(Boolean).join(" ");
    this.#say("");
  }

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    event.preventDefault();
    const title = this.field.value.trim();
    const name = roomNameOf(title);
    if (!name) return this.#say(t("new-room.letter"));
    try {
      const members = this.#kind === "private" ? (this.picker?.names ?? []) : [];
      const created = await this.chat.create(name, title, this.#kind, members);
      this.dialog.close();
      this.chat.open(created);
      if (this.#kind === "private" && members.length === 0) document.dispatchEvent(new CustomEvent("do-invite"));
    } catch (error) {
      this.#say(problemOf(error));
    }
  }

  /** The kind that was chosen, where one may choose. */
  get #kind() {
    const kind = /** @type {import("../../types.js").RoomInfo["kind"] | null} */ (new FormData(this.form).get("kind"));
    return kind ?? undefined;
  }

  /** @param {string} problem */
  #say(problem) {
    this.problem.textContent = problem;
    this.field.setAttribute("aria-invalid", String(problem !== ""));
  }
}

customElements.define("room-dialog", RoomDialog);
