/* <reminder-picker>: when one wants to be reminded of a message. Asked for with "pick-reminder". */

import { forField } from "../../lib/text/moments.js";
import { around, part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";
import { timeOf } from "../../models/message/reminding.js";
import { ToastNote } from "../page/toast-note.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Reminder } from "../../models/message/reminding.js" */

class ReminderPicker extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  field = part(this, "input", HTMLInputElement);
  problem = part(this, ".problem");
  none = part(this, "[data-do=none]");
  toast = part(document, "toast-note", ToastNote);
  /** @type {Chat} */
  chat;
  /** @type {{ room: string, seq: number }} */
  #message;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    part(this, "form").addEventListener("submit", (event) => this.#submitted(event));
    this.addEventListener("click", (event) => this.#pressed(event));
    document.addEventListener("pick-reminder", (event) => this.#open(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {{ room: string, seq: number }} message */
  #open(message) {
    this.#message = message;
    this.problem.textContent = "";
    const now = this.chat.now();
    this.field.min = forField(now);
    this.field.value = forField(timeOf("tomorrow", now));
    this.none.hidden = !this.chat.saved?.has(message);
    this.dialog.showModal();
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const { do: step, reminder } = around(event, "button")?.dataset ?? {};
    if (step === "close") this.dialog.close();
    else if (step === "none") void this.#remind("");
    else if (reminder) void this.#remind(timeOf(/** @type {Reminder} */ (reminder), this.chat.now()).toISOString());
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    const at = new Date(this.field.value);
    if (at > this.chat.now()) void this.#remind(at.toISOString());
    else this.problem.textContent = t("remind.past");
  }

  /** @param {string} at */
  async #remind(at) {
    try {
      await this.chat.saved?.save(this.#message, at);
      this.dialog.close();
      this.toast.say(t(at ? "remind.set" : "remind.unset"));
    } catch (error) {
      this.problem.textContent = problemOf(error);
    }
  }
}

customElements.define("reminder-picker", ReminderPicker);
