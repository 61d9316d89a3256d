/* What is pressed in a row of <message-log>, but for the bar of message-actions.js: the quote, a room's
   name, all of a long text, and what is not sent yet. */

import { around, opensElsewhere } from "../lib/parts.js";
import { ignoreUnanswered } from "../models/refused.js";

/** @import { Chat } from "../models/chat.js" */
/** @import { LogPosition } from "./log-position.js" */
/** @import { LogRows } from "./log-rows.js" */
/** @import { MessageRow } from "./message-row.js" */

export class LogPresses {
  /** @type {Chat} */
  chat;

  /** @param {{ list: HTMLElement, rows: LogRows, position: LogPosition, toast: HTMLElement }} parts */
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
    const row = this.rows.of(around(event, ".message"));
    if (around(event, ".quote")) return this.#jump(event, row);
    const room = around(event, "a.mention")?.dataset.room;
    if (room && !opensElsewhere(event)) {
      event.preventDefault();
      return void this.chat.open(room);
    }
    const action = around(event, "[data-do]")?.dataset.do;
    if (row && action === "whole") this.position.keepTop(row.node, () => row.toggleWhole());
    if (!row?.message.cid) return;
    if (action === "retry") this.chat.outbox.retry(row.message.cid);
    if (action === "discard") this.chat.outbox.discard(row.message.cid);
  }

  /** To the message that is quoted. With a key held it is a link like any other.
      @param {MouseEvent} event @param {MessageRow | undefined} row */
  async #jump(event, row) {
    if (!row?.message.reply_to || opensElsewhere(event)) return;
    event.preventDefault();
    try {
      await this.chat.show(this.chat.current.name, row.message.reply_to);
    } catch (error) {
      ignoreUnanswered(error);
      this.toast.textContent = error.message;
    }
  }
}
