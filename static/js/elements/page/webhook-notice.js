/* <webhook-notice>: tells an admin that an outgoing webhook was switched off, until they close it or look. Each
   device tells it once. */

import { around, part, write } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";

/** @import { WebhookOff } from "../../wire.js" */
/** @import { Chat } from "../../models/chat.js" */

const REMEMBERED = 50;

class WebhookNotice extends HTMLElement {
  card = part(this, ".saved-notice-card");
  heading = part(this, "h2");
  text = part(this, ".saved-notice-text");
  link = part(this, "a", HTMLAnchorElement);
  /** @type {WebhookOff[]} the newest first */
  #off = [];
  /** @type {Chat} */
  chat;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    document.addEventListener("hear-webhook-off", (event) => this.#heard(/** @type {CustomEvent<WebhookOff>} */ (event).detail));
    this.addEventListener("click", (event) => around(event, "[data-do=close], a") && this.#drop());
  }

  /** @param {WebhookOff} webhook */
  #heard(webhook) {
    const name = `webhooks-off.${this.chat.me}`;
    /** @type {string[]} */
    const told = this.chat.memory.get(name, []);
    const key = `${webhook.id} ${webhook.at}`;
    if (told.includes(key)) return;
    this.chat.memory.put(name, [...told, key].slice(-REMEMBERED));
    this.#off = [webhook, ...this.#off.filter(({ id }) => id !== webhook.id)];
    this.#show();
  }

  #show() {
    const [webhook] = this.#off;
    this.card.hidden = !webhook;
    if (!webhook) return;
    write(this.heading, t("webhook-off", { title: webhook.title }));
    write(this.text, webhook.problem);
    this.link.href = `/admin/outgoing-webhook?${new URLSearchParams({ id: webhook.id })}`;
  }

  #drop() {
    this.#off.shift();
    this.#show();
  }
}

customElements.define("webhook-notice", WebhookNotice);
