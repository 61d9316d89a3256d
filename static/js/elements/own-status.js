/* <own-status>: what others see of one: a dot, and the switch for not being disturbed. Whatever
   one does on the page is a sign of life. */

import { part } from "../lib/parts.js";
import { t } from "../lib/words.js";
import { OwnPresence } from "../models/presence.js";

const LOOK_EVERY_MS = 15_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"];
const SIGN_AT_MOST_EVERY_MS = 5_000;

class OwnStatus extends HTMLElement {
  /** @type {OwnPresence} */
  presence;
  button = part(this, "button", HTMLButtonElement);

  connectedCallback() {
    this.button.addEventListener("click", () => (this.presence.isBusy = !this.presence.isBusy));
  }

  /** @param {import("../models/chat.js").Chat} chat */
  attend(chat) {
    const presence = new OwnPresence(chat);
    this.presence = chat.presence = presence;
    presence.on("changed", () => this.#show());
    setInterval(() => presence.look(), LOOK_EVERY_MS);
    document.addEventListener("visibilitychange", () => presence.show(document.visibilityState === "visible"));
    for (const sign of SIGNS) document.addEventListener(sign, () => this.#stir(), { passive: true });
    this.#show();
  }

  #stir() {
    if (Date.now() - this.presence.lastSign > SIGN_AT_MOST_EVERY_MS) this.presence.stir();
  }

  #show() {
    const { state, isBusy } = this.presence;
    this.dataset.state = state;
    this.button.ariaPressed = String(isBusy);
    this.button.ariaLabel = this.button.title = t("status.busy.switch");
  }
}

customElements.define("own-status", OwnStatus);
