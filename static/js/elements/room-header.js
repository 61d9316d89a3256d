/* <room-header>: what the open room is called, how many are in it, and the way out. */

const GENERAL = "general";

class RoomHeader extends HTMLElement {
  #attended = new WeakSet();

  connectedCallback() {
    this.heading = this.querySelector("h1");
    this.count = this.querySelector(".member-count");
    this.leave = this.querySelector("[data-do=leave]");
    this.leave.addEventListener("click", () => this.chat.leave(this.chat.current.name));
  }

  attend(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#open());
    this.#open();
  }

  #open() {
    const { current } = this.chat;
    if (!this.#attended.has(current)) {
      this.#attended.add(current);
      const show = () => current === this.chat.current && this.#show();
      current.on("presence", show).on("changed", show);
    }
    this.#show();
  }

  #show() {
    const { current } = this.chat;
    document.title = `${current.title} · Chat`;
    this.heading.textContent = current.title;
    this.count.textContent = current.count;
    this.leave.hidden = current.name === GENERAL;
  }
}

customElements.define("room-header", RoomHeader);
