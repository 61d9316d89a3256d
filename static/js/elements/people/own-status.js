/* <own-status>: who one is, what others see of one, and one's own menu. Whatever one does on the page is
   a sign of life. */

import { around, part } from "../../lib/page/parts.js";
import { OwnPresence } from "../../models/people/presence.js";

const LOOK_EVERY_MS = 15_000;
const SIGNS = ["keydown", "pointerdown", "pointermove", "wheel", "touchstart"];
const SIGN_AT_MOST_EVERY_MS = 5_000;

class OwnStatus extends HTMLElement {
  /** @type {OwnPresence} */
  presence;
  face = part(this, ".room-face");
  online = part(this, "[data-status=online]");
  busy = part(this, "[data-status=busy]");

  connectedCallback() {
    this.addEventListener("click", (event) => {
      const { status } = around(event, "[data-status]")?.dataset ?? {};
      if (status) this.presence.isBusy = status === "busy";
      this.#show();
    });
  }

  /** @param {import("../../models/chat.js").Chat} chat */
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
    this.dataset.state = this.face.dataset.state = state;
    this.online.ariaChecked = String(!isBusy);
    this.busy.ariaChecked = String(isBusy);
  }
}

customElements.define("own-status", OwnStatus);
