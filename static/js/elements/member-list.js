/* <member-list>: who is here now, in the room that is open. */

import { flagOf } from "../lib/flags.js";

class MemberList extends HTMLElement {
  #attended = new WeakSet();

  connectedCallback() {
    this.list = this.querySelector("ul");
    this.count = this.querySelector(".member-count");
    this.template = this.querySelector("template");
  }

  attend(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#open()).on("connection", () => this.#show());
    this.#open();
  }

  #open() {
    const { current } = this.chat;
    if (!this.#attended.has(current)) {
      this.#attended.add(current);
      current.on("presence", () => current === this.chat.current && this.#show());
    }
    this.#show();
  }

  #show() {
    const { current, state } = this.chat;
    this.classList.toggle("stale", state === "offline");
    this.count.textContent = current.count;
    this.list.replaceChildren(...current.members.map((name) => this.#item(name)));
  }

  #item(name) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    const { letter, hue, pattern } = flagOf(name);
    const flag = item.querySelector(".flag");
    flag.textContent = letter;
    Object.assign(flag.dataset, { hue, pattern });
    item.querySelector(".member-name").textContent = name;
    item.querySelector(".self").hidden = name !== this.chat.me;
    return item;
  }
}

customElements.define("member-list", MemberList);
