/* <room-header>: what the open room is called, how many are in it, and the way out. */

const GENERAL = "general";

class RoomHeader extends HTMLElement {
  connectedCallback() {
    this.heading = this.querySelector("h1");
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
    this.heading.textContent = current.title;
    this.count.textContent = current.count;
    this.leave.hidden = current.name === GENERAL;
  }
}

customElements.define("room-header", RoomHeader);
