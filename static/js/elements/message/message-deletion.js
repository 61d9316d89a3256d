/* <message-deletion>: asks before a message is deleted, because that cannot be undone. */

import { filesInShort } from "../../lib/page/files-part.js";
import { part } from "../../lib/page/parts.js";
import { problemOf } from "../../models/refused.js";

class MessageDeletion extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  form = part(this, "form", HTMLFormElement);
  excerpt = part(this, ".excerpt");
  problem = part(this, ".problem");
  /** @type {import("../../models/chat.js").Chat} */
  chat;
  /** @type {import("../../models/rooms/room.js").Room} */
  room;
  /** @type {import("../../types.js").Message} */
  message;

  connectedCallback() {
    this.form.addEventListener("submit", (event) => this.#confirmed(event));
    part(this, "[data-do=close]", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    document.addEventListener("delete-message", (event) => this.#open(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
  }

  /** @param {import("../../types.js").Message} message */
  #open(message) {
    this.room = this.chat.current;
    this.message = message;
    const said = [message.text, filesInShort(message.files)].filter(Boolean).join(" ");
    this.excerpt.textContent = `${this.chat.people.shown(message.sender)}: ${said}`;
    part(this, ".with-files").hidden = !message.files;
    this.problem.textContent = "";
    this.dialog.showModal();
  }

  /** @param {Event} event */
  async #confirmed(event) {
    event.preventDefault();
    try {
      await this.chat.changes.delete(this.room, this.message.seq);
      this.dialog.close();
    } catch (error) {
      this.problem.textContent = problemOf(error);
    }
  }
}

customElements.define("message-deletion", MessageDeletion);
