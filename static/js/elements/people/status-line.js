/* <status-line>: below the name of a direct room, what the other one says of themselves; and above the composer,
   that somebody to whom one has just written is out of office. */

import { part, write } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { exactEnd, isOutInWords, statusInWords, statusOf, untilOf } from "../../models/people/status.js";
import { faceOf } from "../../models/rooms/rooms.js";
import { ComposerNote } from "../composer/composer-note.js";
import { StatusMark } from "./status-mark.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { PersonStatus } from "../../wire.js" */

class StatusLine extends HTMLElement {
  /** @type {Chat} */
  chat;
  /** @type {Map<string, string>} what was said of whom: once, not with each message */
  #said = new Map();

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    StatusMark.begin(chat);
    chat.on("opened", () => this.#show());
    chat.on("people", ({ names }) => names.has(this.#name) && this.#show());
    chat.on("out-of-office", (news) => this.#note(news));
    this.#show();
  }

  get #name() {
    return faceOf(this.chat.current, this.chat.me);
  }

  #show() {
    const { people } = this.chat;
    const name = this.#name;
    const status = name ? statusOf(people, name) : null;
    this.hidden = !status;
    write(this, status ? `${status.emoji ?? ""} ${headline(status, this.chat.now())}`.trim() : "");
    this.title = status ? exactEnd(status) : "";
  }

  /** In a direct room, the line above the messages says so all the time.
      @param {{ room: Room, people: { name: string, status?: PersonStatus }[] }} news */
  #note({ room, people }) {
    const isNews = people.filter(({ name, status }) => this.#said.get(name) !== JSON.stringify(status));
    for (const { name, status } of isNews) this.#said.set(name, JSON.stringify(status));
    if (room !== this.chat.current || faceOf(room, this.chat.me) || isNews.length === 0) return;
    const note = part(document, ".write composer-note", ComposerNote);
    note.tell(isNews.map((profile) => this.#sentence(profile)).join(" "));
  }

  /** "🌴 Ana is out of office until Monday · Vacation."
      @param {{ name: string, status?: PersonStatus }} profile */
  #sentence({ name, status = {} }) {
    const { people } = this.chat;
    const words = [isOutInWords(people.shown(name), status, this.chat.now()), status.text];
    return `${status.emoji ?? ""} ${words.filter(Boolean).join(" · ")}.`.trim();
  }
}

/** Below a name: what matters most comes first, because a phone shows the beginning.
    @param {PersonStatus} status @param {Date} now */
function headline(status, now) {
  if (!status.out_of_office) return statusInWords(status, now);
  const out = [t("statuses.out-of-office"), status.until ? untilOf(status.until, now) : ""].filter(Boolean).join(" ");
  return [out, status.text].filter(Boolean).join(" · ");
}

customElements.define("status-line", StatusLine);
