/* <notice-bell>: tells of messages that one does not see: a notice of the browser, and a soft
   sound. Asked for by pressing it, never by itself. */

import { calls } from "../lib/calls.js";
import { ring } from "../lib/sound.js";
import { t } from "../lib/words.js";
import { isWorthTelling } from "../models/notices.js";
import { titleFor } from "../models/rooms.js";

const AT_END_PX = 40;

class NoticeBell extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.#pressed());
  }

  attend(chat) {
    this.chat = chat;
    chat.on("heard", ({ room, messages }) => this.#heard(room, messages));
    this.#show();
  }

  async #pressed() {
    this.#isOn = !this.#isOn;
    this.#show();
    if (!this.#isOn) return;
    ring();
    if (globalThis.Notification?.permission === "default") await Notification.requestPermission();
    this.#show();
  }

  #show() {
    const isDenied = globalThis.Notification?.permission === "denied";
    this.button.ariaPressed = String(this.#isOn);
    this.button.ariaLabel = t("bell.switch");
    this.button.title = t(this.#isOn && isDenied ? "bell.only-sound" : "bell.switch");
    this.toggleAttribute("data-on", this.#isOn);
  }

  #heard(room, messages) {
    const { me, presence } = this.chat;
    if (!this.#isOn) return;
    const situation = { room, me, isBusy: presence.isBusy, isLooking: this.#isLookingAt(room) };
    const worth = messages.filter((message) => isWorthTelling({ ...situation, message }));
    if (worth.length === 0) return;
    ring();
    if (globalThis.Notification?.permission === "granted") this.#notify(room, worth.at(-1));
  }

  /** One notice a room: a newer one takes the place of the last. */
  #notify(room, { sender, text, seq }) {
    const { me, people } = this.chat;
    const from = people.shown(sender);
    const title = room.kind === "direct" ? from : `${from} · ${titleFor(room, this.chat)}`;
    const notice = new Notification(calls(text, me) ? `@ ${title}` : title, {
      body: text,
      tag: room.name,
      icon: "/static/icons/icon-192.png",
      silent: true,
    });
    notice.onclick = () => {
      window.focus();
      notice.close();
      this.chat.show(room.name, seq);
    };
  }

  #isLookingAt(room) {
    const isInView = document.visibilityState === "visible" && document.hasFocus();
    const { scrollTop } = document.querySelector("message-log .scroller");
    return room === this.chat.current && isInView && scrollTop > -AT_END_PX;
  }

  get #isOn() {
    return this.chat.memory.get(`bell.${this.chat.me}`, false);
  }

  set #isOn(isOn) {
    this.chat.memory.put(`bell.${this.chat.me}`, isOn);
  }
}

customElements.define("notice-bell", NoticeBell);
