/* <shortcut-sheet>: what the keyboard does, listed under "?". */

import { part } from "../../lib/page/parts.js";
import { rowsAnywhere, rowsOnAMessage, rowsWhileWriting } from "./shortcut-list.js";

class ShortcutSheet extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  /** @type {import("../../models/chat.js").Chat} */
  chat;

  connectedCallback() {
    part(this, "[data-do=close]", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-shortcuts", () => this.#open());
  }

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
  }

  #open() {
    const { areOn } = this.chat.letters;
    part(this, ".anywhere").replaceChildren(...rowsAnywhere({ hasLetters: areOn }));
    part(this, ".on-a-message").replaceChildren(...rowsOnAMessage());
    part(this, ".while-writing").replaceChildren(...rowsWhileWriting());
    part(this, ".letters-off").hidden = areOn;
    if (!this.dialog.open) this.dialog.showModal();
  }
}

customElements.define("shortcut-sheet", ShortcutSheet);
