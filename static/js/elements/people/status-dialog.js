/* <status-dialog>: what one says of oneself, until when, and whether one is out of office. Asked for with
   "do-status". */

import { forField } from "../../lib/text/moments.js";
import { around, part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";
import { PLAIN_STATUS, statusEnd, statusOf } from "../../models/people/status.js";

/** @import { Chat } from "../../models/chat.js" */

class StatusDialog extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  form = part(this, "form", HTMLFormElement);
  emojiButton = part(this, "[data-do=emoji]", HTMLButtonElement);
  text = part(this, "[name=text]", HTMLInputElement);
  ends = part(this, "[name=ends]", HTMLSelectElement);
  at = part(this, "[name=at]", HTMLInputElement);
  out = part(this, "[name=out]", HTMLInputElement);
  clear = part(this, "[data-do=clear]");
  problem = part(this, ".problem");
  /** @type {Chat} */
  chat;
  #emoji = "";

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    document.addEventListener("do-status", () => this.#open());
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.addEventListener("click", (event) => this.#pressed(event));
    this.dialog.addEventListener("close", () => this.#giveBack());
    this.ends.addEventListener("change", () => this.#showAt());
  }

  #open() {
    const { me, people } = this.chat;
    const status = statusOf(people, me);
    this.problem.textContent = "";
    this.#showEmoji(status?.emoji ?? "");
    this.text.value = status?.text ?? "";
    this.out.checked = status?.out_of_office ?? false;
    this.ends.value = status?.until ? "at" : "never";
    this.at.value = status?.until ? forField(new Date(status.until)) : "";
    this.clear.hidden = !status;
    this.#showAt();
    this.dialog.showModal();
    this.text.focus();
  }

  /** @param {string} emoji */
  #showEmoji(emoji) {
    this.#emoji = emoji;
    this.emojiButton.textContent = emoji || PLAIN_STATUS;
    this.emojiButton.classList.toggle("is-unset", !emoji);
  }

  #showAt() {
    const isAt = this.ends.value === "at";
    part(this, ".status-at").hidden = !isAt;
    this.at.required = isAt;
    if (!isAt) return;
    const now = this.chat.now();
    this.at.min = forField(now);
    this.at.value ||= forField(new Date(now.getFullYear(), now.getMonth(), now.getDate() + 1, 9));
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const button = around(event, "button");
    const { do: step, preset, emoji = "", ends = "never", out } = button?.dataset ?? {};
    if (step === "close") this.dialog.close();
    else if (step === "clear") void this.#say({ text: "" });
    else if (step === "emoji") this.#pickEmoji();
    else if (preset) {
      this.#showEmoji(emoji);
      this.text.value = t(`statuses.preset.${preset}`);
      this.ends.value = ends;
      this.out.checked = out !== undefined;
      this.#showAt();
      this.text.focus();
    }
  }

  /** The picker has to be in the dialog: while that is open, all else is not there. */
  #pickEmoji() {
    this.dialog.append(this.#picker);
    const closed = () => {
      this.#giveBack();
      this.emojiButton.focus();
    };
    const detail = { beside: this.emojiButton, chosen: (/** @type {string} */ emoji) => this.#showEmoji(emoji), closed, isStandard: true };
    document.dispatchEvent(new CustomEvent("pick-emoji", { detail }));
  }

  get #picker() {
    return part(document, "message-emoji");
  }

  #giveBack() {
    if (this.contains(this.#picker)) document.body.append(this.#picker);
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    const now = this.chat.now();
    const end = this.ends.value === "at" ? new Date(this.at.value) : statusEnd(this.ends.value, now);
    if (end && end <= now) return void (this.problem.textContent = t("statuses.past"));
    const text = this.text.value.trim();
    if (!text && !this.#emoji && !this.out.checked) return void (this.problem.textContent = t("statuses.empty"));
    void this.#say({
      emoji: this.#emoji,
      text,
      out_of_office: this.out.checked,
      ...(end && { until: end.toISOString() }),
    });
  }

  /** @param {import("../../wire.js").Status} wanted */
  async #say(wanted) {
    try {
      await this.chat.connection.request("status", wanted);
      this.dialog.close();
    } catch (error) {
      this.problem.textContent = problemOf(error);
    }
  }
}

customElements.define("status-dialog", StatusDialog);
