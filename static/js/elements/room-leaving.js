/* <room-leaving>: the way out of a room. Whoever leaves a public one may come again; out of a private
   one nobody comes back by themselves, so that is asked about first. Asked for with a "leave-room"
   event, whose detail is the name of the room. */

import { part } from "../lib/parts.js";
import { t } from "../lib/words.js";
import { titleFor } from "../models/rooms.js";

class RoomLeaving extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  heading = part(this, "h2");
  means = part(this, ".hint");
  /** @type {import("../models/chat.js").Chat} */
  chat;
  /** @type {string} */
  room;

  connectedCallback() {
    part(this, "form").addEventListener("submit", () => this.chat.leave(this.room));
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    document.addEventListener("leave-room", (event) => this.#asked(/** @type {CustomEvent<string>} */ (event).detail));
  }

  /** @param {import("../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
  }

  /** @param {string} name */
  #asked(name) {
    const room = this.chat.rooms.get(name);
    if (room?.kind !== "private") return void this.chat.leave(name);
    this.room = name;
    this.heading.textContent = t("room.leave.ask", { room: titleFor(room, this.chat) });
    this.means.textContent = t(room.invited.length > 1 ? "room.leave.means" : "room.leave.means.last");
    this.dialog.showModal();
  }
}

/** @param {string} name the room's */
export function leaveRoom(name) {
  document.dispatchEvent(new CustomEvent("leave-room", { detail: name }));
}

customElements.define("room-leaving", RoomLeaving);
