/* <saved-view>: what one has saved for later, in place of a room: E says that one is done, R changes its date.
   And the way to it in the sidebar, which is there once there is something. */

import { filesInShort } from "../../lib/page/files-part.js";
import { showFlag } from "../../lib/page/flag.js";
import { cloned, part, write } from "../../lib/page/parts.js";
import { linkTo, pathOf } from "../../lib/page/routes.js";
import { inShort } from "../../lib/text/texts.js";
import { exactly } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { Saved, keyOf } from "../../models/lists/saved.js";
import { EntryList } from "./entry-list.js";
import { ToastNote } from "../page/toast-note.js";
import { showBadge } from "../page/unread-badge.js";

/** @import { Message } from "../../types.js" */
/** @import { Saved as Entry } from "../../wire.js" */
/** @import { Chat } from "../../models/chat.js" */

const HINTS = [
  ["inbox.keys.move", "J", "K"],
  ["saved.keys.done", "E"],
  ["saved.keys.date", "R"],
  ["inbox.keys.open", "Enter"],
];
const time = new Intl.DateTimeFormat(document.documentElement.lang, { day: "numeric", month: "short", hour: "numeric", minute: "2-digit" });

/** @extends {EntryList<Entry>} */
class SavedView extends EntryList {
  toast = part(document, "toast-note", ToastNote);
  keys = { e: "done", r: "date" };
  /** @type {Saved} */
  saved;

  /** @param {Chat} chat */
  attend(chat) {
    this.saved = chat.saved = new Saved(chat);
    /** @type {EntryList<Entry>["acts"]} */
    this.acts = { done: (entry) => this.saved.remove(entry), date: pickTime };
    this.saved.on("count", () => this.#showEntry());
    document.addEventListener("save-message", (event) => this.#asked(/** @type {CustomEvent} */ (event).detail));
    this.begin(chat, "saved", this.saved, HINTS);
  }

  get saysEmpty() {
    return t("saved.empty");
  }

  get saysDone() {
    return t("saved.removed");
  }

  /** @param {Entry} entry */
  keyOf(entry) {
    return keyOf(entry);
  }

  /** @param {boolean} isOn */
  turned(isOn) {
    super.turned(isOn);
    this.#showEntry();
    if (isOn) /** @type {HTMLElement | null} */ (document.querySelector("#sidebar:popover-open"))?.hidePopover();
  }

  // In the sidebar

  /** It stands where it is, once it is there. */
  #showEntry() {
    const { count, due } = this.saved;
    const entry = this.#entry;
    if (!entry && count > 0) part(document, ".side-rows").append(cloned(part(this, ".saved-entry", HTMLTemplateElement)));
    const now = this.#entry;
    if (!now) return;
    now.ariaCurrent = this.chat.view === "saved" ? "page" : null;
    const badge = part(now, ".badge");
    showBadge(badge, { calling: due, unread: 0, mentions: 0 });
    part(badge, ":last-child").textContent = due ? t("saved.due", { count: due }) : "";
  }

  get #entry() {
    return /** @type {HTMLElement | null} */ (document.querySelector(".side-rows [data-shortcut=saved]"));
  }

  // The list

  /** @param {HTMLElement} item @param {Entry} entry */
  showItem(item, entry) {
    const { people, rooms } = this.chat;
    const { message, remind_at: at, due } = entry;
    const gone = goneIn(message);
    const room = rooms.get(entry.room);
    const where = room ? titleFor(room, this.chat) : "";
    const sender = message && !gone ? people.shown(message.sender) : "";
    item.ariaLabel = [sender, where, gone || wordsOf(message)].filter(Boolean).join(", ");
    item.classList.toggle("is-due", due === true);
    const link = part(item, "h2 a", HTMLAnchorElement);
    link.href = room ? linkTo(entry.room, entry.seq, message?.thread) : pathOf(entry.room);
    write(part(link, "bdi"), sender || where || t("saved.title"));
    const flag = part(item, ".flag");
    flag.hidden = !sender;
    showFlag(flag, people.flag(message?.sender ?? ""));
    write(part(item, ".saved-room"), sender ? where : "");
    const when = part(item, "time", HTMLTimeElement);
    when.hidden = !at;
    if (at) Object.assign(when, { dateTime: at, title: exactly(at) });
    write(when, at ? whenOf(at, due === true) : "");
    const text = part(item, ".saved-text");
    text.classList.toggle("is-gone", gone !== "");
    write(text, gone || wordsOf(message));
  }

  /** Where it is now, if it is anywhere.
      @param {Entry} entry */
  open({ room, seq, message }) {
    return openSaved(this.chat, { room, seq, message });
  }

  // From the menu of a message

  /** @param {{ what: string, message: Message }} asked */
  async #asked({ what, message }) {
    if (what === "remind") return pickTime(message);
    try {
      await (what === "unsave" ? this.saved.remove(message) : this.saved.save(message));
      this.toast.say(t(what === "unsave" ? "saved.removed" : "saved.kept"));
    } catch (error) {
      this.toast.say(problemOf(error));
    }
  }
}

/** Goes to a message, or to where it was moved; throws Refused or Lost.
    @param {Chat} chat @param {Pick<Entry, "room" | "seq" | "message">} saved */
export async function openSaved(chat, { room, seq, message }) {
  const to = message?.moved_to?.room ? message.moved_to : { room, seq };
  if (message && chat.rooms.has(to.room)) await chat.show(to.room, to.seq);
}

/** What to say of a message that one cannot read any more; "" of another.
    @param {Message | null} message */
export function goneIn(message) {
  if (!message) return t("saved.unseen");
  if (message.moved_to) return t("saved.moved");
  if (message.deleted_by) return t("saved.deleted");
  return message.erased_at ? t("saved.erased") : "";
}

/** @param {Message | null} message */
export function wordsOf(message) {
  return message ? inShort(message.text) || filesInShort(message.files) : "";
}

/** @param {Pick<Message, "room" | "seq">} message */
export function pickTime({ room, seq }) {
  document.dispatchEvent(new CustomEvent("pick-reminder", { detail: { room, seq } }));
}

/** @param {string} at @param {boolean} isDue */
function whenOf(at, isDue) {
  return isDue ? t("saved.since", { at: time.format(new Date(at)) }) : time.format(new Date(at));
}

customElements.define("saved-view", SavedView);
