/* <message-deletion>: asks before a message is deleted, because that cannot be undone. */

import { t } from "../lib/words.js";
import { Lost, Refused } from "../models/refused.js";

class MessageDeletion extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.form = this.querySelector("form");
    this.excerpt = this.querySelector(".excerpt");
    this.problem = this.querySelector(".problem");
    this.form.addEventListener("submit", (event) => this.#confirmed(event));
    this.querySelector("[data-do=close]").addEventListener("click", () => this.dialog.close());
    document.addEventListener("delete-message", ({ detail }) => this.#open(detail));
  }

  attend(chat) {
    this.chat = chat;
  }

  #open(message) {
    this.room = this.chat.current;
    this.message = message;
    this.excerpt.textContent = `${this.chat.people.shown(message.sender)}: ${message.text}`;
    this.problem.textContent = "";
    this.dialog.showModal();
  }

  async #confirmed(event) {
    event.preventDefault();
    try {
      await this.chat.changes.delete(this.room, this.message.seq);
      this.dialog.close();
    } catch (error) {
      if (error instanceof Lost) this.problem.textContent = t("composer.offline");
      else if (error instanceof Refused) this.problem.textContent = error.message;
      else throw error;
    }
  }
}

customElements.define("message-deletion", MessageDeletion);
