/* <room-header>: what the open room is called, how many are in it, and the way out. */

import { part, write } from "../lib/parts.js";
import { GENERAL } from "../lib/routes.js";
import { titleFor } from "../models/rooms.js";

class RoomHeader extends HTMLElement {
  heading = part(this, "h1");
  topic = part(this, ".room-topic");
  count = part(this, ".member-count");
  leave = part(this, "[data-do=leave]", HTMLButtonElement);
  /** @type {import("../models/chat.js").Chat} */
  chat;

  connectedCallback() {
    this.leave.addEventListener("click", () => this.chat.leave(this.chat.current.name));
  }

  /** @param {import("../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
    /** @param {{ room: import("../models/room.js").Room }} news */
    const showIfOpen = ({ room }) => room === chat.current && this.#show();
    chat.on("opened", () => this.#show()).on("room", showIfOpen).on("presence", showIfOpen);
    this.#show();
  }

  #show() {
    const { current } = this.chat;
    write(this.heading, titleFor(current, this.chat));
    write(this.topic, current.topic);
    write(this.count, String(current.count));
    this.leave.hidden = current.name === GENERAL || current.kind === "direct";
  }
}

customElements.define("room-header", RoomHeader);
