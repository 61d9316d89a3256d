/* <day-picker>: goes to the first message of a day. Opens from the line that begins a day, from
   the head of the room, and by its shortcut. */

import { around, part } from "../../lib/page/parts.js";
import { dayOf } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";
import { ToastNote } from "../page/toast-note.js";

const DAY_MS = 24 * 60 * 60 * 1000;

class DayPicker extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  field = part(this, "input", HTMLInputElement);
  toast = part(document, "toast-note", ToastNote);
  /** @type {import("../../models/chat.js").Chat} */
  chat;

  connectedCallback() {
    part(this, "form").addEventListener("submit", (event) => this.#submitted(event));
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    part(this, ".day-choices").addEventListener("click", (event) => this.#chosen(event));
    document.addEventListener("do-jump-to-date", (event) => this.#open(/** @type {CustomEvent} */ (event).detail?.at));
  }

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
  }

  /** @param {string} [at] a time of the day that one thinks of first */
  #open(at = new Date().toISOString()) {
    this.field.max = dayOf(new Date().toISOString());
    this.field.value = dayOf(at);
    this.dialog.showModal();
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    this.#go(this.field.value);
  }

  /** @param {MouseEvent} event */
  #chosen(event) {
    /** @type {HTMLElement | null} */
    const button = around(event, "[data-days-ago]");
    if (!button) return;
    this.#go(dayOf(new Date(Date.now() - Number(button.dataset.daysAgo) * DAY_MS).toISOString()));
  }

  /** @param {string} day 2026-11-22 */
  async #go(day) {
    this.dialog.close(); // First, or the message could not have the focus.
    try {
      this.toast.say(noteOf(day, await this.chat.showDay(day)));
    } catch (error) {
      this.toast.say(problemOf(error));
    }
  }
}

/** What one should know of where one has come to.
    @param {string} day @param {import("../../types.js").Message | null} found */
function noteOf(day, found) {
  if (!found) return t("day.nothing-since");
  return dayOf(found.at) === day ? "" : t("day.next");
}

customElements.define("day-picker", DayPicker);
