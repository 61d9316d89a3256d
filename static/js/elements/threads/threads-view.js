/* <threads-view>: the threads that one follows, in place of a room: E marks one as read. */

import { showFlag } from "../../lib/page/flag.js";
import { part, write } from "../../lib/page/parts.js";
import { linkTo } from "../../lib/page/routes.js";
import { inShort } from "../../lib/text/texts.js";
import { clockOf, dayName, exactly } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { Followed } from "../../models/threads/followed.js";
import { iconOf, titleFor } from "../../models/rooms/rooms.js";
import { EntryList } from "../lists/entry-list.js";
import { showBadge } from "../page/unread-badge.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { ThreadInfo } from "../../types.js" */

const HINTS = [
  ["inbox.keys.move", "J", "K"],
  ["inbox.keys.read", "E"],
  ["inbox.keys.open", "Enter"],
];

/** @extends {EntryList<ThreadInfo>} */
class ThreadsView extends EntryList {
  keys = { e: "read" };

  /** @param {Chat} chat */
  attend(chat) {
    const followed = new Followed(chat);
    /** @type {EntryList<ThreadInfo>["acts"]} */
    this.acts = { read: (info) => followed.read(info), unfollow: (info) => followed.unfollow(info) };
    this.begin(chat, "threads", followed, HINTS);
  }

  get saysEmpty() {
    return t("threads.empty");
  }

  get saysDone() {
    const { what, info } = /** @type {NonNullable<Followed["undoable"]>} */ (this.model.undoable);
    return t(`threads.${what}`, { thread: titleOf(info) });
  }

  /** @param {ThreadInfo} info */
  keyOf({ room, thread }) {
    return `${room} ${thread}`;
  }

  /** @param {HTMLElement} item @param {ThreadInfo} info */
  showItem(item, info) {
    const { people, rooms } = this.chat;
    const { root, last, count, by, unread, mentions } = info;
    const room = rooms.get(info.room);
    item.ariaLabel = titleOf(info);
    item.classList.toggle("is-read", unread === 0);
    const link = part(item, "h2 a", HTMLAnchorElement);
    link.href = linkTo(info.room, info.last_seq, info.thread);
    write(part(link, "bdi"), titleOf(info));
    showBadge(part(item, ".badge"), { calling: unread, unread, mentions });
    const where = part(item, ".threads-room");
    if (room) part(where, "use", SVGElement).setAttribute("href", `#icon-${iconOf(room)}`);
    write(part(where, "bdi"), room ? titleFor(room, this.chat) : info.room);
    showFlag(part(item, ".flag"), people.flag(root.sender));
    write(part(item, ".threads-sender"), people.shown(root.sender));
    write(part(item, ".threads-text"), info.title ? inShort(root.text) : "");
    const time = part(item, "time", HTMLTimeElement);
    const day = dayName(last);
    const isToday = day === dayName(new Date().toISOString());
    Object.assign(time, { dateTime: last, title: exactly(last) });
    write(time, isToday ? t("thread.last.today", { at: clockOf(last) }) : t("thread.last", { at: day }));
    write(part(item, ".threads-count"), t("thread.replies", { count }));
    const list = new Intl.ListFormat(document.documentElement.lang, { type: "unit" });
    write(part(item, ".threads-by"), list.format(by.map((name) => people.shown(name))));
    part(item, "[data-do=read]").hidden = unread === 0;
  }

  /** Beside its room, from where one goes on to the next.
      @param {ThreadInfo} info */
  open({ room, thread }) {
    return this.chat.showThread(room, thread);
  }
}

/** @param {ThreadInfo} info */
function titleOf({ title, root }) {
  return title || inShort(root.text) || t("thread.title");
}

customElements.define("threads-view", ThreadsView);
