/* <message-selection>: several messages are chosen, and forwarded, copied, deleted or moved: into a thread, out of
   it, or to another room. It takes the place of the composer. A press on a message, Space or Enter chooses it, or
   not any more, and with Shift all from the last one to this; Escape ends it. What was moved within the room can be
   moved back. */

import { copy } from "../../lib/browser/clipboard.js";
import { around, elementOf, part, write } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { markdownOf } from "./message-forwarding.js";
import { problemOf } from "../../models/refused.js";
import { titleFor } from "../../models/rooms/rooms.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Message } from "../../types.js" */

const AT_MOST = 50; // of what the server forwards at once
const SAID_FOR_MS = 12_000;
const CHOOSING_KEYS = new Set(["Enter", " "]);

class MessageSelection extends HTMLElement {
  says = part(this, ".selection-says");
  room = part(this, "select", HTMLSelectElement);
  foot = part(document, ".write");
  /** @type {Chat} */
  chat;
  /** @type {Map<number, Message>} */
  #chosen = new Map();
  /** @type {"" | "messages" | "root" | "room" | "delete" | "moved"} what is to be chosen now */
  #phase = "";
  /** @type {(() => Promise<void>) | null} */
  #undo = null;
  /** @type {number | undefined} the one that was pressed last: where a range begins */
  #last;
  /** @type {number[]} the numbers that they have now */
  #moved = [];
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.foot.prepend(this);
    document.addEventListener("select-messages", (event) => this.#begin(/** @type {CustomEvent<Message>} */ (event).detail));
    document.addEventListener("click", (event) => this.#clicked(event), { capture: true });
    document.addEventListener("keydown", (event) => this.#keyed(event), { capture: true });
    this.addEventListener("click", (event) => void this.#pressed(around(event, "[data-do]")?.dataset.do));
    chat.on("opened", () => this.#phase && chat.current !== this.#of && this.#turn(""));
    chat.on("messages", () => this.#isChoosing && this.#mark());
  }

  /** @type {Room | null} the room that they are in */
  #of = null;

  get #isChoosing() {
    return this.#phase === "messages" || this.#phase === "root";
  }

  /** @param {Message} message the first of them */
  #begin(message) {
    this.#of = this.chat.current;
    this.#chosen = new Map([[message.seq, message]]);
    this.#last = message.seq;
    this.#turn("messages");
    const row = document.querySelector(`.message[data-seq="${message.seq}"]`);
    if (row instanceof HTMLElement) row.focus({ preventScroll: true });
  }

  /** @param {MessageSelection["phase"]} phase */
  #turn(phase) {
    clearTimeout(this.#timer);
    this.#phase = phase;
    this.hidden = phase === "";
    this.dataset.phase = phase;
    this.foot.toggleAttribute("data-selecting", phase !== "" && phase !== "moved");
    document.body.toggleAttribute("data-selecting", this.#isChoosing);
    if (phase === "" || phase === "moved") this.#chosen.clear();
    if (phase === "moved") this.#timer = setTimeout(() => this.#turn(""), SAID_FOR_MS);
    this.#mark();
    this.#show();
  }

  get phase() {
    return this.#phase;
  }

  #show() {
    const count = this.#chosen.size;
    const messages = this.#messages;
    const { threads, mayChange } = this.chat.current;
    const mayMove = mayChange || messages.every((message) => this.chat.isOwn(message));
    const mayDelete = messages.every((message) => this.chat.changes.mayDelete(message));
    if (this.#phase === "messages") write(this.says, t("selection.count", { count }));
    else if (this.#phase === "root") write(this.says, t("selection.root"));
    else if (this.#phase === "delete") write(this.says, t("selection.delete", { count }));
    else if (this.#phase === "room") write(this.says, t("selection.room", { count }));
    part(this, "[data-do=to-thread]").hidden = threads === "off" || !mayMove;
    part(this, "[data-do=to-room]").hidden = this.chat.isGuest || !mayMove;
    part(this, "[data-do=out]").hidden = !mayMove || !messages.some(({ thread }) => thread);
    part(this, "[data-do=delete]").hidden = !mayDelete;
    part(this, "[data-do=forward]").hidden = messages.some(({ poll }) => poll);
    for (const button of this.querySelectorAll("[data-needs]")) button.toggleAttribute("disabled", count === 0);
  }

  /** In the order of the room. */
  get #messages() {
    return [...this.#chosen.values()].sort((a, b) => a.seq - b.seq);
  }

  #mark() {
    for (const row of document.querySelectorAll(".message[data-selected]")) row.removeAttribute("data-selected");
    for (const seq of this.#chosen.keys()) {
      for (const row of document.querySelectorAll(`.message[data-seq="${seq}"]`)) row.setAttribute("data-selected", "");
    }
  }

  /** A press on a message means it, and nothing that stands in it.
      @param {MouseEvent} event */
  #clicked(event) {
    const row = around(event, ".message[data-seq]");
    if (!this.#isChoosing || !row) return;
    event.preventDefault();
    event.stopPropagation();
    this.#choose(row, event.shiftKey);
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (!this.#phase || this.#phase === "moved" || document.querySelector("dialog[open], :popover-open")) return;
    const element = elementOf(event);
    const isRow = element.matches(".message[data-seq]");
    if (event.key === "Escape") this.#turn("");
    else if (this.#isChoosing && isRow && CHOOSING_KEYS.has(event.key)) this.#choose(element, event.shiftKey);
    else return;
    event.preventDefault();
    event.stopPropagation();
  }

  /** @param {Element} row @param {boolean} isRange whether all from the last one to this are chosen */
  #choose(row, isRange) {
    const seq = Number(/** @type {HTMLElement} */ (row).dataset.seq);
    const message = this.chat.current.find(seq);
    if (!message || message.deleted_by || message.system) return;
    if (this.#phase === "root") return void this.#toThread(message);
    if (isRange) this.#chooseTo(row);
    else if (this.#chosen.has(seq)) this.#chosen.delete(seq);
    else if (this.#chosen.size < AT_MOST) this.#chosen.set(seq, message);
    this.#last = seq;
    this.#mark();
    this.#show();
  }

  /** All that stand between the last one and this.
      @param {Element} row */
  #chooseTo(row) {
    const rows = [...(row.parentElement?.querySelectorAll(":scope > .message[data-seq]") ?? [])];
    const ends = [rows.findIndex((each) => /** @type {HTMLElement} */ (each).dataset.seq === String(this.#last)), rows.indexOf(row)];
    const from = ends[0] < 0 ? ends[1] : Math.min(...ends);
    for (const each of rows.slice(from, Math.max(...ends) + 1)) {
      const message = this.chat.current.find(Number(/** @type {HTMLElement} */ (each).dataset.seq));
      const isMeant = message && !message.deleted_by && !message.system && this.#chosen.size < AT_MOST;
      if (isMeant) this.#chosen.set(message.seq, message);
    }
    getSelection()?.removeAllRanges(); // Shift has marked the text between them.
  }

  /** @param {string | undefined} what */
  async #pressed(what) {
    if (what === "forward") this.#forward();
    else if (what === "markdown") await this.#try(() => this.#copy());
    else if (what === "delete") this.#turn("delete");
    else if (what === "back") this.#turn("messages");
    else if (what === "delete-all") await this.#try(() => this.#deleteAll());
    else if (what === "to-thread") this.#turn("root");
    else if (what === "out") await this.#move({ to_thread: 0 });
    else if (what === "to-room") this.#offerRooms();
    else if (what === "move") await this.#move({ to_room: this.room.value });
    else if (what === "undo" && this.#undo) await this.#try(this.#undo);
    else if (what === "open") await this.#try(() => this.chat.show(this.room.value, this.#moved[0]));
    if (what === "cancel" || what === "undo" || what === "open") this.#turn("");
  }

  #forward() {
    const detail = { messages: this.#messages, done: () => this.#turn("") };
    document.dispatchEvent(new CustomEvent("forward-messages", { detail }));
  }

  async #copy() {
    const messages = this.#messages;
    await copy(markdownOf(messages, this.chat));
    write(this.says, t("selection.copied", { count: messages.length }));
  }

  async #deleteAll() {
    for (const { seq } of this.#messages) {
      await this.chat.changes.delete(this.chat.current, seq);
      this.#chosen.delete(seq);
    }
    this.#turn("");
  }

  /** Under a message that is itself in no thread, and that is none of them.
      @param {Message} message */
  #toThread({ seq, thread }) {
    if (this.#chosen.has(seq)) return;
    return this.#move({ to_thread: thread ?? seq });
  }

  #offerRooms() {
    const { rooms, current } = this.chat;
    const others = [...rooms.values()].filter((room) => room.joined && !room.archived && room !== current);
    this.room.replaceChildren(...others.map((room) => new Option(titleFor(room, this.chat), room.name)));
    this.#turn("room");
    this.room.focus();
  }

  /** @param {{ to_thread?: number, to_room?: string }} where */
  async #move(where) {
    const { chat } = this;
    const room = chat.current.name;
    const messages = this.#messages;
    const seqs = messages.map(({ seq }) => seq);
    const from = new Set(messages.map(({ thread }) => thread ?? 0));
    const isDone = await this.#try(async () => {
      this.#moved = (await chat.connection.request("move", { room, seqs, ...where })).seqs;
    });
    if (!isDone) return;
    const mayUndo = where.to_room === undefined && from.size === 1;
    this.#undo = mayUndo ? async () => void (await chat.connection.request("move", { room, seqs, to_thread: [...from][0] })) : null;
    this.#turn("moved");
    write(this.says, t("selection.moved", { count: seqs.length }));
    part(this, "[data-do=undo]").hidden = !mayUndo;
    part(this, "[data-do=open]").hidden = where.to_room === undefined;
    (mayUndo ? part(this, "[data-do=undo]") : part(this, "[data-do=cancel]")).focus();
  }

  /** @param {() => Promise<unknown>} step @returns {Promise<boolean>} whether it was done */
  async #try(step) {
    try {
      await step();
      return true;
    } catch (error) {
      write(this.says, problemOf(error));
      return false;
    }
  }
}

customElements.define("message-selection", MessageSelection);
