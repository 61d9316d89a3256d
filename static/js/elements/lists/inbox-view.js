/* <inbox-view>: the inbox, in place of a room: rooms with something new, E marks one as read. */

import { showFlag } from "../../lib/page/flag.js";
import { cloned, part, write } from "../../lib/page/parts.js";
import { linkTo, pathOf } from "../../lib/page/routes.js";
import { filesInShort } from "../../lib/page/files-part.js";
import { inShort } from "../../lib/text/texts.js";
import { clockOf, dayName, exactly } from "../../lib/text/times.js";
import { calls } from "../../lib/text/tokens.js";
import { t } from "../../lib/text/words.js";
import { Inbox } from "../../models/lists/inbox.js";
import { ignoreUnanswered } from "../../models/refused.js";
import { iconOf, titleFor } from "../../models/rooms/rooms.js";
import { EntryList } from "./entry-list.js";
import { showBadge } from "../page/unread-badge.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Entry } from "../../models/lists/inbox.js" */
/** @import { Message } from "../../types.js" */

const HINTS = [
  ["inbox.keys.move", "J", "K"],
  ["inbox.keys.read", "E"],
  ["inbox.keys.open", "Enter"],
];

/** @extends {EntryList<Entry>} */
class InboxView extends EntryList {
  rowTemplate = /** @type {HTMLTemplateElement} */ (this.querySelectorAll("template")[1]);
  keys = { e: "read" };

  /** @param {Chat} chat */
  attend(chat) {
    const inbox = new Inbox(chat);
    /** @type {EntryList<Entry>["acts"]} */
    this.acts = { read: (entry) => inbox.read(entry) };
    this.begin(chat, "inbox", inbox, HINTS);
  }

  get saysEmpty() {
    return t("inbox.empty");
  }

  get saysDone() {
    return t("inbox.read", { room: titleFor(/** @type {any} */ (this.model.undoable), this.chat) });
  }

  /** @param {Entry} entry */
  keyOf({ room }) {
    return room.name;
  }

  /** @param {HTMLElement} item @param {Entry} entry */
  showItem(item, { room, messages }) {
    const title = titleFor(room, this.chat);
    item.ariaLabel = title;
    const link = part(item, "h2 a", HTMLAnchorElement);
    link.href = pathOf(room.name);
    write(part(link, "bdi"), title);
    part(link, "use", SVGElement).setAttribute("href", `#icon-${iconOf(room)}`);
    showBadge(part(item, ".badge"), room);
    part(item, "ol").replaceChildren(...messages.map((message) => this.#row(message)));
    const others = room.calling - messages.length;
    const rest = part(item, ".inbox-rest");
    rest.hidden = others <= 0;
    write(rest, t("inbox.rest", { count: Math.max(others, 0) }));
  }

  /** @param {Message} message */
  #row({ room, seq, thread, sender, text, files, at }) {
    const { people, me } = this.chat;
    const row = cloned(this.rowTemplate);
    const link = part(row, "a", HTMLAnchorElement);
    link.href = linkTo(room, seq, thread);
    link.dataset.seq = String(seq);
    link.classList.toggle("calls", calls(text, me, people.mentionable));
    showFlag(part(row, ".flag"), people.flag(sender));
    write(part(row, ".inbox-sender"), people.shown(sender));
    const time = part(row, "time", HTMLTimeElement);
    time.dateTime = at;
    time.title = exactly(at);
    const day = dayName(at);
    write(time, day === dayName(new Date().toISOString()) ? clockOf(at) : `${day}, ${clockOf(at)}`);
    write(part(row, ".inbox-text"), inShort(text) || filesInShort(files));
    return row;
  }

  /** @param {Entry} entry @param {HTMLElement | null} link of a message */
  async open({ room }, link) {
    const seq = Number(link?.dataset.seq);
    try {
      if (seq) await this.chat.show(room.name, seq);
      else await this.chat.open(room.name);
    } catch (error) {
      ignoreUnanswered(error); // Its place does not come now; the room itself says why.
    }
  }
}

customElements.define("inbox-view", InboxView);
