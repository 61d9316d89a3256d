/* <pins-button>: the button of what is pinned, in the head of the room, where something is: the server draws it,
   and once this is loaded it follows the room. And what pins messages: a "pin-message" event, {what, message}. */

import { cloned, part, write } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { Pins } from "../../models/rooms/pins.js";
import { problemOf } from "../../models/refused.js";
import { ToastNote } from "../page/toast-note.js";

/** @import { Message } from "../../types.js" */
/** @import { Chat } from "../../models/chat.js" */

class PinsButton extends HTMLElement {
  template = part(this, "template", HTMLTemplateElement);
  header = part(document, "room-header");
  toast = part(document, "toast-note", ToastNote);
  /** @type {Chat} */
  chat;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#show()).on("room", ({ room }) => room === chat.current && this.#show());
    document.addEventListener("pin-message", (event) => this.#pin(/** @type {CustomEvent} */ (event).detail));
    this.#show();
  }

  #show() {
    const count = this.chat.current.facts.pins?.length ?? 0;
    const there = this.header.querySelector(".pins-open");
    if (count === 0) return there?.remove();
    const button = there ?? cloned(this.template);
    if (!there) part(this.header, ".room-about").after(button);
    write(part(button, ".pin-count"), String(count));
  }

  /** @param {{ what: string, message: Pick<Message, "room" | "seq"> }} asked */
  async #pin({ what, message }) {
    const room = this.chat.rooms.get(message.room);
    if (!room) return;
    try {
      await new Pins(this.chat.connection, room).pin(message.seq, what === "pin");
      this.toast.say(t(what === "pin" ? "pins.pinned" : "pins.unpinned"));
    } catch (error) {
      this.toast.say(problemOf(error));
    }
  }
}

customElements.define("pins-button", PinsButton);
