/* <room-header>: what the open room is called, and how many are in it. */

import { part, write } from "../lib/parts.js";
import { titleFor } from "../models/rooms.js";

class RoomHeader extends HTMLElement {
  heading = part(this, "h1");
  topic = part(this, ".room-topic");
  count = part(this, ".member-count");
  /** @type {import("../models/chat.js").Chat} */
  chat;

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
  }
}

customElements.define("room-header", RoomHeader);
