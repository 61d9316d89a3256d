/* <theme-switch>: a button that goes from "as the system" to light to dark and round again. */

import { part } from "../../lib/page/parts.js";

const KEY = "chatapp.theme";
/** @type {Record<string, string>} */
const NEXT = { system: "light", light: "dark", dark: "system" };

class ThemeSwitch extends HTMLElement {
  button = part(this, "button", HTMLButtonElement);

  connectedCallback() {
    this.button.addEventListener("click", () => this.#choose(NEXT[this.#chosen]));
    this.#show();
  }

  get #chosen() {
    return document.documentElement.dataset.theme ?? "system";
  }

  /** @param {string} theme */
  #choose(theme) {
    if (theme === "system") delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    try {
      localStorage.setItem(KEY, theme);
    } catch {
      // Without storage the choice holds until the page is left.
    }
    this.#show();
  }

  #show() {
    this.dataset.chosen = this.#chosen;
    this.button.ariaLabel = this.button.title = this.button.dataset[this.#chosen] ?? "";
  }
}

customElements.define("theme-switch", ThemeSwitch);
