/* What one does with a message: each act has one home, whether the bar, the menu or a key asked for it. */

import { copy } from "../../lib/browser/clipboard.js";
import { part } from "../../lib/page/parts.js";
import { linkTo } from "../../lib/page/routes.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";
import { ToastNote } from "../page/toast-note.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Message } from "../../types.js" */

/** Where it was asked for: in a row, beside what was pressed, with this emoji.
    @typedef {{ row: HTMLElement, beside: HTMLElement, emoji?: string }} Asked */

export class MessageActs {
  toast = part(document, "toast-note", ToastNote);

  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  /** @param {string} what @param {Message} message */
  may(what, message) {
    const { changes } = this.chat;
    if (what === "edit") return changes.mayEdit(message);
    if (what === "delete" || what === "hide-previews") return changes.mayDelete(message);
    if (what === "versions") return Boolean(message.edited_at);
    if (what === "unfold" || what === "unfold-other") return true;
    if (what === "thread" && (message.thread || this.chat.current.threads === "off")) return false;
    if (what === "unread" && message.thread) return false;
    if (what === "follow" || what === "unfollow") return this.#mayFollow(message, what === "follow");
    if (what === "forward" && message.poll) return false;
    if (what === "quote" && !message.text) return false;
    if (what === "move" && !this.chat.isOwn(message) && !this.chat.current.mayChange) return false;
    return changes.mayReact(message);
  }

  /** @param {string} what @param {Message} message @param {Asked} asked */
  do(what, message, { row, beside, emoji }) {
    const { changes, current, reading, threads } = this.chat;
    if (!this.may(what, message)) return;
    if (what === "react" && emoji) this.#try(() => changes.toggle(current, message.seq, emoji));
    else if (what === "pick") this.#pick(message, row, beside);
    else if (what === "thread" || (what === "reply" && this.#isThreaded(message))) this.#openThread(message, { isToWrite: true });
    else if (what === "follow" || what === "unfollow") this.#try(() => threads.follow(current.name, message.seq, what === "follow"));
    else if (what === "move") ask("select-messages", message);
    else if (what === "unfold") this.#openThread(message, { isToggled: true });
    else if (what === "unfold-other") this.#openThread(message, { isElsewhere: true });
    else if (what === "reply") ask("reply-to-message", message, row);
    else if (what === "edit") ask("edit-message", message, row);
    else if (what === "delete") ask("delete-message", message);
    else if (what === "versions") ask("show-versions", message);
    else if (what === "hide-previews") this.#try(() => changes.hidePreviews(current, message.seq));
    else if (what === "unread") this.#try(() => reading.markUnread(current, message.seq));
    else if (what === "copy") this.#copy(linkTo(current.name, message.seq, message.thread));
    else if (what === "copy-text") this.#copy(message.text);
    else if (what === "copy-code") this.#copy(beside.closest(".code")?.querySelector("pre")?.textContent ?? "");
    else ask("message-act", { what, message, row });
  }

  /** In a room that requires threads, an answer goes into that of its message.
      @param {Message} message */
  #isThreaded({ thread }) {
    return !thread && this.chat.current.threads === "required";
  }

  /** @param {Message} message @param {boolean} isOn whether one is to follow its thread from now on */
  #mayFollow(message, isOn) {
    const { threads, current } = this.chat;
    return Boolean(message.replies) && threads.markOf(current.name, message).following !== isOn;
  }

  /** @param {Message} message @param {object} how */
  #openThread({ seq, room }, how) {
    ask("open-thread", { room, thread: seq, ...how });
  }

  /** @param {Message} message @param {HTMLElement} row @param {HTMLElement} beside */
  #pick({ seq }, row, beside) {
    const { current } = this.chat;
    ask("pick-emoji", {
      beside,
      chosen: (/** @type {string} */ emoji) => this.#try(() => this.#give(current, seq, emoji)),
      closed: () => row.focus(),
    });
  }

  /** A reaction from the picker is given; pressing a reaction that is there toggles it.
      @param {Room} room @param {number} seq @param {string} emoji */
  async #give(room, seq, emoji) {
    const names = room.find(seq)?.reactions?.[emoji] ?? [];
    if (!names.includes(this.chat.me)) await this.chat.changes.toggle(room, seq, emoji);
  }

  /** @param {string} text */
  async #copy(text) {
    try {
      await copy(text);
      this.toast.say(t("message.copied"));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.toast.say(t("message.not-copied"));
    }
  }

  /** @param {() => unknown} step */
  async #try(step) {
    try {
      await step();
    } catch (error) {
      this.toast.say(problemOf(error));
    }
  }
}

/** @param {string} type @param {unknown} detail @param {EventTarget} [where] what the answer is written beside */
function ask(type, detail, where = document) {
  where.dispatchEvent(new CustomEvent(type, { detail, bubbles: true }));
}
