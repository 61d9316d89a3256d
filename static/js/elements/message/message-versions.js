/* <message-versions>: what an edited message said before, each version with its time. Opens from
   the word "edited"; closes by itself if the message is deleted meanwhile. */

import { cloned, part } from "../../lib/page/parts.js";
import { exactly } from "../../lib/text/times.js";
import { problemOf } from "../../models/refused.js";

class MessageVersions extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  list = part(this, "ol");
  template = part(this, "template", HTMLTemplateElement);
  problem = part(this, ".problem");
  /** @type {import("../../models/chat.js").Chat} */
  chat;
  /** @type {import("../../models/rooms/room.js").Room} */
  room;
  /** @type {number} */
  seq;

  connectedCallback() {
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    document.addEventListener("show-versions", (event) => this.#open(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat.on("messages", (change) => this.#changed(change));
    chat.on("opened", () => this.dialog.close());
  }

  /** @param {import("../../types.js").Message} message */
  #open({ seq }) {
    this.room = this.chat.current;
    this.seq = seq;
    this.list.replaceChildren();
    this.problem.textContent = "";
    this.dialog.showModal();
    this.#load();
  }

  async #load() {
    const { room, seq } = this;
    try {
      const versions = await this.chat.changes.versions(room, seq);
      if (seq === this.seq) this.list.replaceChildren(...versions.map((each) => this.#item(each)));
      this.list.lastElementChild?.querySelector(".version-now")?.removeAttribute("hidden");
    } catch (error) {
      this.problem.textContent = problemOf(error);
    }
  }

  /** @param {{text: string, at: string}} version */
  #item({ text, at }) {
    const item = cloned(this.template);
    const time = part(item, "time", HTMLTimeElement);
    time.dateTime = at;
    time.textContent = exactly(at);
    part(item, ".version-text").textContent = text;
    return item;
  }

  /** @param {{room: unknown, kind: string, messages: import("../../types.js").Message[]}} change */
  #changed({ room, kind, messages }) {
    if (!this.dialog.open || room !== this.room || kind !== "folded") return;
    const message = messages.find(({ seq }) => seq === this.seq);
    if (message?.deleted_by) this.dialog.close();
    else if (message) this.#load();
  }
}

customElements.define("message-versions", MessageVersions);
