/* <room-rules>: above the composer, what is not as everywhere: one writes slowly here, or not at
   all, or is here because another room is no longer one's own. */

import { write } from "../lib/parts.js";
import { t } from "../lib/words.js";

class RoomRules extends HTMLElement {
  /** @type {import("../models/chat.js").Chat} */
  chat;

  /** @type {{ title: string, here?: import("../models/room.js").Room } | null} */
  lost = null;

  /** @param {import("../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat
      .on("lost", ({ room }) => room === chat.current && (this.lost = { title: room.title }))
      .on("opened", () => this.#show())
      .on("room", ({ room }) => room === chat.current && this.#show());
    this.#show();
  }

  #show() {
    const { archived, readOnly, mayChange, slowSeconds } = this.chat.current;
    const isClosed = archived || (readOnly && !mayChange);
    this.closest(".write")?.toggleAttribute("data-closed", isClosed);
    write(this, this.#loss() ?? ruleOf({ archived, readOnly, slowSeconds }));
    this.hidden = this.textContent === "";
  }

  /** Said in the room where one found oneself then, until one opens another. */
  #loss() {
    if (!this.lost) return null;
    const { title, here = (this.lost.here = this.chat.current) } = this.lost;
    if (here === this.chat.current) return t("room.gone", { title });
    this.lost = null;
    return null;
  }
}

/** @param {Pick<import("../models/room.js").Room, "archived" | "readOnly" | "slowSeconds">} room */
function ruleOf({ archived, readOnly, slowSeconds }) {
  if (archived) return t("room.rule.archived");
  if (readOnly) return t("room.rule.read-only");
  return slowSeconds > 0 ? t("room.rule.slow", { count: slowSeconds }) : "";
}

customElements.define("room-rules", RoomRules);
