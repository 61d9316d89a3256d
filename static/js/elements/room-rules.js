/* <room-rules>: above the composer, what is not as everywhere: one writes slowly here, or not at
   all, or is here because another room is no longer one's own. */

import { write } from "../lib/parts.js";
import { ago } from "../lib/times.js";
import { t } from "../lib/words.js";

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

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
    const { archived, readOnly, mayChange, slowSeconds, viewedAt } = this.chat.current;
    const isClosed = archived || (readOnly && !mayChange);
    this.closest(".write")?.toggleAttribute("data-closed", isClosed);
    const rules = [ruleOf({ archived, readOnly, slowSeconds }), viewing(viewedAt)];
    write(this, this.#loss() ?? rules.filter(Boolean).join(" "));
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

/** That an admin has read the room, said for a week; for good in its details.
    @param {string | null} viewedAt */
function viewing(viewedAt) {
  const now = new Date();
  if (!viewedAt || now.getTime() - new Date(viewedAt).getTime() > WEEK_MS) return "";
  return t("room.viewed", { when: ago(viewedAt, now) });
}

customElements.define("room-rules", RoomRules);
