/* <room-rules>: above the composer, what is not as everywhere: one writes slowly here, or not at
   all, or is here because another room is no longer one's own. */

import { write } from "../../lib/page/parts.js";
import { ago } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { titleFor } from "../../models/rooms/rooms.js";

const WEEK_MS = 7 * 24 * 60 * 60 * 1000;

class RoomRules extends HTMLElement {
  /** @type {import("../../models/chat.js").Chat} */
  chat;

  /** @type {{ title: string, here?: import("../../models/rooms/room.js").Room } | null} */
  lost = null;

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat
      .on("lost", ({ room }) => room === chat.current && (this.lost = { title: room.title }))
      .on("opened", () => this.#show())
      .on("rooms", () => this.#show())
      .on("room", ({ room }) => room === chat.current && this.#show());
    this.#show();
  }

  #show() {
    const { archived, readOnly, mayChange, facts, joined } = this.chat.current;
    const isClosed = !joined || archived || (readOnly && !mayChange);
    this.closest(".write")?.toggleAttribute("data-closed", isClosed);
    const rules = [ruleOf(this.chat.current), viewing(facts.viewed_at)];
    const said = this.#loss() ?? (joined ? rules.filter(Boolean).join(" ") : "");
    if (joined || said) write(this, said);
    else this.#offerToJoin();
    this.hidden = this.textContent === "";
  }

  /** Who only looks at a room does not write in it. */
  #offerToJoin() {
    const { current } = this.chat;
    const text = Object.assign(document.createElement("span"), {
      textContent: t("room.look", { room: titleFor(current, this.chat) }),
    });
    const button = Object.assign(document.createElement("button"), { type: "button", className: "button primary" });
    button.textContent = t("room.join.do");
    button.addEventListener("click", () => this.chat.join(current));
    this.replaceChildren(text, button);
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

/** @param {Pick<import("../../models/rooms/room.js").Room, "archived" | "readOnly" | "facts">} room */
function ruleOf({ archived, readOnly, facts: { slow_seconds: seconds = 0 } }) {
  if (archived) return t("room.rule.archived");
  if (readOnly) return t("room.rule.read-only");
  return seconds ? t("room.rule.slow", { count: seconds }) : "";
}

/** That an admin has read the room, said for a week; for good in its details.
    @param {string | null} [viewedAt] */
function viewing(viewedAt) {
  const now = new Date();
  if (!viewedAt || now.getTime() - new Date(viewedAt).getTime() > WEEK_MS) return "";
  return t("room.viewed", { when: ago(viewedAt, now) });
}

customElements.define("room-rules", RoomRules);
