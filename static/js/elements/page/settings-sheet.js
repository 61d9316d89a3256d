/* <settings-sheet>: how the page looks, speaks and calls. Everything holds at once, and in this
   browser's other tabs too. */

import { speak } from "../../lib/page/language.js";
import { chooseLook, chosenLook } from "../../lib/page/looks.js";
import { part } from "../../lib/page/parts.js";
import { ring } from "../../lib/browser/ringing-bell.js";
import { t } from "../../lib/text/words.js";

/** @import { Chat } from "../../models/chat.js" */

const LOOKS = ["theme", "density", "contrast", "motion"];

class SettingsSheet extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  form = part(this, "form", HTMLFormElement);
  note = part(this, ".notices-note");
  /** @type {Chat} */
  chat;

  connectedCallback() {
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    this.form.addEventListener("change", ({ target }) => this.#changed(/** @type {HTMLInputElement} */ (target)));
    document.addEventListener("do-settings", () => this.#open());
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat.wishes.on("changed", () => this.#showWishes());
  }

  #open() {
    for (const look of LOOKS) this.#showLook(look);
    this.#check("language", document.documentElement.lang);
    this.#showWishes();
    this.#box("letters").checked = this.chat.letters.areOn;
    this.dialog.showModal();
  }

  /** @param {string} look */
  #showLook(look) {
    this.#check(look, chosenLook(look));
  }

  #showWishes() {
    const { wishes } = this.chat;
    this.#box("sound").checked = wishes.sound;
    this.#box("notices").checked = wishes.notifies;
    this.note.textContent = wishes.areRefused ? t("settings.notices.denied") : "";
  }

  /** @param {HTMLInputElement} field */
  #changed({ name, value, checked }) {
    const { wishes } = this.chat;
    if (LOOKS.includes(name)) chooseLook(name, value);
    else if (name === "language") speak(value);
    else if (name === "letters") this.chat.letters.areOn = checked;
    else if (name === "sound") wishes.sound = checked;
    else if (name === "notices") wishes.notices = checked;
    if (name === "sound" && checked) ring();
    if (name === "notices" && checked) this.#askPermission();
  }

  async #askPermission() {
    if (this.chat.wishes.permission() === "default") await Notification.requestPermission();
    this.chat.wishes.tell("changed"); // What the browser allows has.
  }

  /** @param {string} name @param {string} value */
  #check(name, value) {
    /** @type {NodeListOf<HTMLInputElement>} */
    const answers = this.form.querySelectorAll(`[name=${name}]`);
    for (const answer of answers) answer.checked = answer.value === value;
  }

  /** @param {string} name */
  #box(name) {
    return /** @type {HTMLInputElement} */ (this.form.elements.namedItem(name));
  }
}

customElements.define("settings-sheet", SettingsSheet);
