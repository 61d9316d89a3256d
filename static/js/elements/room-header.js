/* <room-header>: what the open room is called, how many are in it, and the way out. */

import { titleFor } from "../models/rooms.js";

const GENERAL = "general";

class RoomHeader extends HTMLElement {
  connectedCallback() {
    this.heading = this.querySelector("h1");
    this.topic = this.querySelector(".room-topic");
    this.count = this.querySelector(".member-count");
    this.leave = this.querySelector("[data-do=leave]");
    this.leave.addEventListener("click", () => this.chat.leave(this.chat.current.name));
  }

  attend(chat) {
    this.chat = chat;
    const showIfOpen = ({ room }) => room === chat.current && this.#show();
    chat.on("opened", () => this.#show()).on("room", showIfOpen).on("presence", showIfOpen);
    this.#show();
  }

  #show() {
    const { current } = this.chat;
    this.heading.textContent = titleFor(current, this.chat);
    this.topic.textContent = current.topic;
    this.count.textContent = current.count;
    this.leave.hidden = current.name === GENERAL || current.kind === "direct";
  }
}

customElements.define("room-header", RoomHeader);
