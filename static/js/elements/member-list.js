/* <member-list>: who is here now, in the room that is open. */

import { flagOf } from "../lib/flags.js";

const SHOWN_AT_MOST = 200;

class MemberList extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ul");
    this.count = this.querySelector(".member-count");
    this.more = this.querySelector(".more");
    this.template = this.querySelector("template");
  }

  attend(chat) {
    this.chat = chat;
    chat
      .on("opened", () => this.#show())
      .on("connection", () => this.#show())
      .on("presence", ({ room }) => room === chat.current && this.#show());
    this.#show();
  }

  #show() {
    const { current, state } = this.chat;
    this.classList.toggle("stale", state === "offline");
    this.count.textContent = current.count;
    const shown = current.members.slice(0, SHOWN_AT_MOST);
    this.list.replaceChildren(...shown.map((name) => this.#item(name)));
    this.more.hidden = shown.length === current.members.length;
    this.more.textContent = `and ${(current.members.length - shown.length).toLocaleString()} more`;
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
