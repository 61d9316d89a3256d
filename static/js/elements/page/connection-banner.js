/* <connection-banner>: says that the connection is gone, and what there is to do about it; or that
   the server takes nothing new for a while. Quiet: a break that mends itself within a moment is
   nobody's business. */

import { part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";

const PATIENCE_MS = 1_200;
const FIRST_PATIENCE_MS = 3_000; // A page that has never been connected is still loading.

class ConnectionBanner extends HTMLElement {
  text = part(this, ".banner-text");
  icon = part(this, "use", SVGElement);
  button = part(this, "button", HTMLButtonElement);
  /** @type {import("../../models/chat.js").Chat} */
  chat;
  /** @type {import("../../connection.js").Connection} */
  connection;
  #patience = FIRST_PATIENCE_MS;

  connectedCallback() {
    this.button.addEventListener("click", () => this.remedy?.());
  }

  /** @param {import("../../models/chat.js").Chat} chat @param {import("../../connection.js").Connection} connection */
  attend(chat, connection) {
    this.chat = chat;
    this.connection = connection;
    chat.on("connection", () => this.#show()).on("refused", ({ message }) => this.#refused(message));
    connection.on("ended", ({ reason }) => this.#ended(reason));
    this.#show();
  }

  #show() {
    clearTimeout(this.timer);
    if (this.chat.state === "online") this.#patience = PATIENCE_MS;
    if (this.chat.state !== "online") this.timer = setTimeout(() => this.#reconnecting(), this.#patience);
    else if (this.chat.readOnly) this.#say(t("banner.read-only"), null, null, "clock");
    else this.hidden = true;
  }

  #reconnecting() {
    this.#say(t("banner.reconnecting"), t("banner.try-now"), () => this.connection.tryNow());
  }

  #ended(reason = t("banner.ended")) {
    this.#say(reason, t("banner.come-back"), () => this.connection.tryNow());
  }

  /** @param {string} message */
  #refused(message) {
    this.#say(message, t("banner.other-name"), () =>
      part(document, "form[action='/leave']", HTMLFormElement).requestSubmit(),
    );
  }

  /** @param {string} text @param {string | null} remedy @param {(() => void) | null} step */
  #say(text, remedy, step, icon = "offline") {
    clearTimeout(this.timer);
    this.text.textContent = text;
    this.icon.setAttribute("href", `#icon-${icon}`);
    this.button.hidden = !remedy;
    this.button.textContent = remedy ?? "";
    this.remedy = step;
    this.hidden = false;
  }
}

customElements.define("connection-banner", ConnectionBanner);
