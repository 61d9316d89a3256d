/* What is pressed in a row of <message-log>, but for the bar of message-actions.js: the quote, a room's
   name, all of a long text, and what is not sent yet. */

import { around, opensElsewhere } from "../../lib/page/parts.js";
import { placeAt } from "../../lib/page/routes.js";
import { standIn } from "../../lib/page/stand-in.js";
import { ignoreUnanswered } from "../../models/refused.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { LogPosition } from "./log-position.js" */
/** @import { LogRows } from "./log-rows.js" */
/** @import { MessageRow } from "../message/message-row.js" */
/** @import { ToastNote } from "../page/toast-note.js" */

/** What the server drew in outline, and files.js draws as it is. */
const OUTLINED = ".poll-option, .poll-foot > button";

export class LogPresses {
  /** @type {Chat} */
  chat;

  /** @param {{ list: HTMLElement, rows: LogRows, position: Pick<LogPosition, "keepTop">, toast: ToastNote }} parts */
  constructor({ list, rows, position, toast }) {
    this.list = list;
    this.rows = rows;
    this.position = position;
    this.toast = toast;
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.list.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    if (around(event, ".message")?.parentElement !== this.list) return;
    const row = this.rows.of(around(event, ".message"));
    if (around(event, ".quote")) return this.#jump(event, row);
    const outlined = row?.lacksMore && around(event, OUTLINED);
    if (outlined) return void this.#pressLater(row, standIn(outlined, OUTLINED));
    const room = around(event, "a.mention")?.dataset.room;
    if (room && !opensElsewhere(event)) {
      event.preventDefault();
      return void this.chat.open(room);
    }
    const link = around(event, ".text a");
    const place = link instanceof HTMLAnchorElement ? placeAt(link.href) : null;
    if (place && this.chat.rooms.has(place.room) && !opensElsewhere(event)) return this.#goTo(event, place);
    const action = around(event, "[data-do]")?.dataset.do;
    if (row && action === "whole") this.position.keepTop(row.node, () => row.toggleWhole());
    if (row && action === "run") this.position.keepTop(row.node, () => row.openRun());
    if (!row?.message.cid) return;
    if (action === "retry") this.chat.outbox.retry(row.message.cid);
    if (action === "discard") this.chat.outbox.discard(row.message.cid);
  }

  /** @param {MessageRow} row @param {() => Element | undefined} place */
  async #pressLater(row, place) {
    await row.loadMore((change) => this.position.keepTop(row.node, change));
    const drawn = row.lacksMore ? null : place();
    if (drawn instanceof HTMLElement) drawn.click();
  }

  /** A link to this chat, which somebody copied.
      @param {MouseEvent} event @param {{ room: string, seq: number | null, thread: number | null }} place */
  #goTo(event, { room, seq, thread }) {
    event.preventDefault();
    if (thread) this.chat.showThread(room, thread, seq ?? undefined);
    else if (seq === null) void this.chat.open(room);
    else this.#show(room, seq);
  }

  /** To the message that is quoted. With a key held it is a link like any other.
      @param {MouseEvent} event @param {MessageRow | undefined} row */
  #jump(event, row) {
    const { reply_to: seq, thread, seq: own } = row?.message ?? {};
    if (opensElsewhere(event)) return;
    event.preventDefault();
    if (seq) this.#show(this.chat.current.name, seq);
    else if (thread) this.chat.showThread(this.chat.current.name, thread, own);
  }

  /** @param {string} room @param {number} seq */
  async #show(room, seq) {
    try {
      await this.chat.show(room, seq);
    } catch (error) {
      ignoreUnanswered(error);
      this.toast.say(error.message);
    }
  }
}
