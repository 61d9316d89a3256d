/* Tells those who listen to the page what was said just now, in plain words: the new, once, and never
   the history. In a room where much is said, only the last of it: nobody can listen that fast. */

import { t } from "../../lib/text/words.js";
import { titleFor } from "../../models/rooms/rooms.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Message } from "../../types.js" */

const AT_ONCE = 3;
const ANNOUNCED_FOR_MS = 8_000;

export class LogAnnouncer {
  /** @param {HTMLElement} place its role is "log" */
  constructor(place) {
    this.place = place;
  }

  /** From now on, mentions in other rooms are told too: how many there are, and where; and what was
      not sent, with the reason.
      @param {Chat} chat */
  attend(chat) {
    const called = new Map([...chat.rooms.values()].map((room) => [room.name, room.mentions]));
    chat.outbox.on("changed", ({ item: { state, reason } }) => {
      if (state === "failed") this.#announce(t("unsent.failed", { reason: reason ?? "" }));
    });
    chat.on("room", ({ room }) => {
      const isNew = room.mentions > (called.get(room.name) ?? 0);
      called.set(room.name, room.mentions);
      if (!isNew || room === chat.opened || room.calling === 0) return;
      this.#announce(`${titleFor(room, chat)}: ${t("unread.mentions", { count: room.mentions })}`);
    });
  }

  /** In the words of log-speech.js, which comes with the first of them.
      @param {Message[]} messages @param {Chat} chat */
  say(messages, chat) {
    const said = (/** @type {string} */ text) => this.#announce(text);
    for (const message of messages.slice(-AT_ONCE)) {
      document.dispatchEvent(new CustomEvent("hear-said", { detail: { message, chat, said } }));
    }
  }

  /** @param {string} text */
  #announce(text) {
    const line = document.createElement("p");
    line.textContent = text;
    this.place.append(line);
    setTimeout(() => line.remove(), ANNOUNCED_FOR_MS);
    while (this.place.childElementCount > AT_ONCE) this.place.firstElementChild?.remove();
  }
}
