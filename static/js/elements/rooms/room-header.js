/* <room-header>: what the open room is called, and how many are in it. The button of what is pinned stands
   there where something is: pins-button.js. */

import { part, write } from "../../lib/page/parts.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { showKind } from "./room-kind.js";

class RoomHeader extends HTMLElement {
  heading = part(this, "h1");
  kind = part(this, ".room-kind");
  topic = part(this, ".room-topic");
  count = part(this, ".member-count");
  /** @type {import("../../models/chat.js").Chat} */
  chat;

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
    /** @param {{ room: import("../../models/rooms/room.js").Room }} news */
    const showIfOpen = ({ room }) => room === chat.current && this.#show();
    chat.on("opened", () => this.#show()).on("room", showIfOpen).on("presence", showIfOpen);
    chat.on("people", () => this.#show());
    part(this, "[data-do=search]").addEventListener("click", () => this.#search());
    this.#show();
  }

  #search() {
    const query = `in:${this.chat.current.name}`;
    document.dispatchEvent(new CustomEvent("do-search", { detail: { query } }));
  }

  #show() {
    const { current } = this.chat;
    showKind(this.kind, current, this.chat);
    write(this.heading, titleFor(current, this.chat));
    write(this.topic, current.topic);
    write(this.count, String(current.count));
  }
}

customElements.define("room-header", RoomHeader);
