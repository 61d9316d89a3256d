/* <new-message>: begins a talk with one person or several, or goes on with the one that they have.
   How they are chosen is elements/people/recipient-picker.js's, which is loaded the first time. */

import { part } from "../../lib/page/parts.js";
import { Lost, problemOf } from "../../models/refused.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { RecipientPicker } from "./recipient-picker.js" */

class NewMessage extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  form = part(this, "form", HTMLFormElement);
  problem = part(this, ".problem");
  /** @type {Chat} */
  chat;
  /** @type {RecipientPicker | undefined} */
  picker;

  connectedCallback() {
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    part(this, "[data-do=close]", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-new-message", (event) => this.#open(/** @type {CustomEvent} */ (event).detail?.names));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
  }

  /** @param {string[]} [names] with whom it is, beside others who are to be chosen */
  async #open(names) {
    this.form.reset();
    part(this, ".starts-anew").hidden = !names;
    this.problem.textContent = "";
    this.dialog.showModal();
    this.picker ??= await this.#load();
    await this.picker?.begin(names);
  }

  async #load() {
    try {
      const { RecipientPicker } = await import("./recipient-picker.js");
      const { dialog, form, chat } = this;
      const button = part(form, ".primary", HTMLButtonElement);
      const explain = (/** @type {unknown} */ error) => this.#explain(error);
      return new RecipientPicker({ root: dialog, form, button, hint: "new-message.hint", chat, explain });
    } catch {
      this.#explain(new Lost());
    }
  }

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    event.preventDefault();
    try {
      const room = await this.chat.talkTo(...(this.picker?.names ?? []));
      this.dialog.close();
      this.chat.open(room);
    } catch (error) {
      this.#explain(error);
    }
  }

  /** @param {unknown} error */
  #explain(error) {
    this.problem.textContent = problemOf(error);
  }
}

customElements.define("new-message", NewMessage);
