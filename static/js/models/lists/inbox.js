/* Everything unread and every mention, by room, as the inbox shows it: `entries`, with the first messages
   of each. Nothing is read by being listed here, and nothing moves while one looks: what comes new stands
   at the end, and what is read, here or elsewhere, goes.

   Tells "changed". */

import { Emitter } from "../../lib/browser/emitter.js";
import { ignoreLost, problemOf } from "../refused.js";

/** @import { Message } from "../../types.js" */
/** @import { Chat } from "../chat.js" */
/** @import { Room } from "../rooms/room.js" */

/** @typedef {{ room: Room, read: number | null, messages: Message[] }} Entry */

const ROOMS_AT_ONCE = 10;
const ROOMS_AT_MOST = 20; // as many as the server answers
const REFRESH_AFTER_SECONDS = 0.5;

/** @extends {Emitter<{ changed: void }>} */
export class Inbox extends Emitter {
  /** @type {Entry[]} */
  entries = [];
  /** @type {"loading" | "done" | "failed"} */
  state = "loading";
  problem = "";
  /** @type {string | null} where the next page begins */
  #after = null;
  /** @type {{ entry: Entry, at: number } | null} */
  #undo = null;
  #isDue = false;

  /** @param {Chat} chat */
  constructor(chat) {
    super();
    this.chat = chat;
    chat.on("room", ({ room }) => this.#changed(room));
    chat.on("view", () => chat.view === "inbox" && this.open());
    chat.on("connection", () => chat.view === "inbox" && chat.state === "online" && this.#load());
  }

  get hasMore() {
    return this.#after !== null;
  }

  /** The room that was marked as read last, while that can be undone. */
  get undoable() {
    return this.#undo?.entry.room ?? null;
  }

  open() {
    this.entries = [];
    this.#undo = null;
    return this.#load();
  }

  async loadMore() {
    if (this.#after === null) return;
    const after = this.#after;
    this.#after = null;
    await this.#ask(after, ROOMS_AT_ONCE);
  }

  /** @param {Entry} entry */
  read(entry) {
    const at = this.entries.indexOf(entry);
    if (at < 0) return;
    this.#undo = { entry, at };
    this.chat.reading.markRead(entry.room);
    this.#drop(entry);
  }

  /** Unread again, where it stood; throws Refused or Lost. */
  async undo() {
    if (!this.#undo) return null;
    const { entry, at } = this.#undo;
    this.#undo = null;
    await this.chat.reading.markUnread(entry.room, (entry.read ?? 0) + 1);
    if (!this.entries.some(({ room }) => room === entry.room)) this.entries.splice(at, 0, entry);
    this.tell("changed");
    return entry;
  }

  /** @param {Room} room */
  #changed(room) {
    if (this.chat.view !== "inbox") return;
    const entry = this.entries.find((each) => each.room === room);
    if (entry && room.calling === 0) this.#drop(entry);
    else if (entry || room.calling > 0) this.#refreshSoon();
  }

  /** @param {Entry} entry */
  #drop(entry) {
    this.entries = this.entries.filter((each) => each !== entry);
    this.tell("changed");
    if (this.entries.length === 0) this.loadMore();
  }

  #refreshSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    this.chat.later(() => {
      this.#isDue = false;
      if (this.chat.view === "inbox") this.#load();
    }, REFRESH_AFTER_SECONDS);
  }

  #load() {
    return this.#ask(undefined, Math.min(Math.max(this.entries.length + 1, ROOMS_AT_ONCE), ROOMS_AT_MOST));
  }

  /** @param {string | undefined} after @param {number} limit */
  async #ask(after, limit) {
    try {
      const page = await this.chat.connection.request("inbox", { limit, ...(after && { after }) });
      this.#take(page.rooms);
      this.#after = page.after;
      this.state = "done";
    } catch (error) {
      this.problem = problemOf(error);
      this.state = "failed";
      ignoreLost(error);
    } finally {
      this.tell("changed");
    }
  }

  /** Those that are there stay where they are.
      @param {import("../../wire.js").InboxRoom[]} rooms */
  #take(rooms) {
    for (const { room: name, read, messages } of rooms) {
      const room = this.chat.rooms.get(name);
      if (!room || room.calling === 0) continue;
      const known = this.entries.find((entry) => entry.room === room);
      if (known) Object.assign(known, { read, messages });
      else this.entries.push({ room, read, messages });
    }
  }
}
