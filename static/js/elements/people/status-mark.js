/* <status-mark>: the emoji of what somebody says of themselves, beside their name: that of its own `name`,
   of the row around it, or of whoever stands for the room of a link. It is nothing until it is loaded. */

import { faceOf } from "../../models/rooms/rooms.js";
import { PLAIN_STATUS, statusInWords, statusOf } from "../../models/people/status.js";

/** @import { Chat } from "../../models/chat.js" */

export class StatusMark extends HTMLElement {
  /** @type {Chat | null} */
  static #chat = null;
  /** @type {Map<string, Set<StatusMark>>} by name */
  static #shown = new Map();
  #name = "";

  /** @param {Chat} chat */
  static begin(chat) {
    StatusMark.#chat = chat;
    /** @type {NodeListOf<StatusMark>} */
    const marks = document.querySelectorAll("status-mark");
    for (const mark of marks) mark.#enter();
    chat.on("people", ({ names }) => {
      for (const name of names) for (const mark of StatusMark.#shown.get(name) ?? []) mark.#show();
    });
  }

  connectedCallback() {
    if (StatusMark.#chat) this.#enter();
  }

  disconnectedCallback() {
    const marks = StatusMark.#shown.get(this.#name);
    marks?.delete(this);
    if (!marks?.size) StatusMark.#shown.delete(this.#name);
  }

  #enter() {
    this.#name = this.#whose();
    if (!this.#name) return;
    const marks = StatusMark.#shown.get(this.#name) ?? new Set();
    StatusMark.#shown.set(this.#name, marks.add(this));
    this.#show();
  }

  #whose() {
    const own = this.getAttribute("name") ?? this.closest("[data-sender]")?.getAttribute("data-sender");
    if (own) return own;
    const chat = StatusMark.#chat;
    const room = chat?.rooms.get(this.closest("[data-room]")?.getAttribute("data-room") ?? "");
    return chat && room ? faceOf(room, chat.me) : "";
  }

  #show() {
    const status = StatusMark.#chat && statusOf(StatusMark.#chat.people, this.#name);
    this.hidden = !status;
    this.textContent = status ? status.emoji || PLAIN_STATUS : "";
    if (!status || !StatusMark.#chat) return;
    const words = statusInWords(status, StatusMark.#chat.now());
    this.title = words;
    this.role = "img";
    this.ariaLabel = words || status.emoji || "";
  }
}

customElements.define("status-mark", StatusMark);
