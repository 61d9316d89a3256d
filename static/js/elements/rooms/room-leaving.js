/* <room-leaving>: asks before somebody does to a room what is hard to undo, and says what happens. It hears
   "ask-first", whose detail is the question, and "leave-room", whose detail is the name of a room. */

import { part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { titleFor } from "../../models/rooms/rooms.js";

/** `act` is the word on the button, `go` what it does.
    @typedef {{ heading: string, means: string, act: string, go: () => unknown }} Question */

class RoomLeaving extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  heading = part(this, "h2");
  means = part(this, ".hint");
  act = part(this, "[value=act]", HTMLButtonElement);
  /** @type {import("../../models/chat.js").Chat} */
  chat;
  /** @type {Question} */
  question;

  connectedCallback() {
    part(this, "form").addEventListener("submit", () => this.question.go());
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    document.addEventListener("ask-first", (event) => this.#ask(/** @type {CustomEvent<Question>} */ (event).detail));
    document.addEventListener("leave-room", (event) => this.#leave(/** @type {CustomEvent<string>} */ (event).detail));
  }

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
  }

  /** @param {Question} question */
  #ask(question) {
    this.question = question;
    this.heading.textContent = question.heading;
    this.means.textContent = question.means;
    this.act.textContent = question.act;
    this.dialog.showModal();
  }

  /** @param {string} name */
  #leave(name) {
    const room = this.chat.rooms.get(name);
    if (!room) return;
    const means = room.group ? "room.leave.means.group" : room.kind === "public" ? "room.leave.means.public" : "room.leave.means";
    this.#ask({
      heading: t("room.leave.ask", { room: titleFor(room, this.chat) }),
      means: t(room.kind !== "public" && room.invited.length < 2 ? "room.leave.means.last" : means),
      act: t(room.group ? "leave-conversation" : "leave-room"),
      go: () => this.chat.leave(name),
    });
  }
}

/** @param {string} name the room's */
export function leaveRoom(name) {
  document.dispatchEvent(new CustomEvent("leave-room", { detail: name }));
}

customElements.define("room-leaving", RoomLeaving);
