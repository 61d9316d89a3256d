// <copy-button data-text="…" data-done="…" data-refused="…">: puts a text on the clipboard, and
// says on its own button what came of it.
// The button is hidden or disabled until this script runs.

import { copy } from "../lib/browser/clipboard.js";
import { part } from "../lib/page/parts.js";

const SAID_FOR_MS = 1600;

class CopyButton extends HTMLElement {
  #button = part(this, "button", HTMLButtonElement);

  connectedCallback() {
    this.#button.hidden = this.#button.disabled = false;
    this.#button.addEventListener("click", () => this.#copy());
  }

  async #copy() {
    const label = this.#button.textContent;
    try {
      await copy(this.dataset.text ?? "");
      this.#say(this.dataset.done ?? "", label);
    } catch {
      this.#say(this.dataset.refused ?? "", label);
    }
  }

  /** @param {string} outcome @param {string | null} label what it says otherwise */
  #say(outcome, label) {
    this.#button.textContent = outcome;
    this.#button.disabled = true;
    setTimeout(() => {
      this.#button.textContent = label;
      this.#button.disabled = false;
    }, SAID_FOR_MS);
  }
}

customElements.define("copy-button", CopyButton);
