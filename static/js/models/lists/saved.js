/* What one has saved for later: the list as /saved shows it, what is known of other messages, and the
   reminders that came. Loaded with what opens over the page.

   Nothing moves while one looks: what is changed stays where it is, what is done goes, and what is due now
   stands on top.

   Tells "changed", "count", and "due" {saved} when a reminder is to be shown on this device. */

import { Emitter } from "../../lib/browser/emitter.js";
import { Refused, ignoreLost, problemOf } from "../refused.js";

/** @import { Message } from "../../types.js" */
/** @import { Saved as Entry, SavedMessage } from "../../wire.js" */
/** @import { Chat } from "../chat.js" */

const PAGE_SIZE = 30;
const KNOWN_PAGES = 4; // of 50: how many of them the menu of a message knows
const AT_MOST = 50; // of what the server answers
const REMEMBERED = 200; // reminders that this device has shown

/** @extends {Emitter<{ changed: void, count: void, due: { saved: Entry } }>} */
export class Saved extends Emitter {
  /** @type {Entry[]} */
  entries = [];
  /** @type {"loading" | "done" | "failed"} */
  state = "loading";
  problem = "";
  /** @type {Entry | null} what was done last, while it can be undone */
  undoable = null;
  count = 0;
  due = 0;
  /** @type {string | null} */
  #after = null;
  /** @type {Set<string>} by room and seq */
  #known = new Set();

  /** @param {Chat} chat */
  constructor(chat) {
    super();
    this.chat = chat;
    chat.on("view", () => chat.view === "saved" && this.open());
    chat.on("connection", () => chat.state === "online" && this.refresh());
    if (chat.state === "online") this.refresh();
  }

  get hasMore() {
    return this.#after !== null;
  }

  /** @param {Pick<Message, "room" | "seq">} message */
  has(message) {
    return this.#known.has(keyOf(message));
  }

  open() {
    this.entries = [];
    this.undoable = null;
    return this.#load();
  }

  /** How it all is now: after a break, reminders may have come. */
  async refresh() {
    try {
      if (this.chat.savedCount > 0 || this.count > 0) await this.#learn();
    } catch (error) {
      if (!(error instanceof Refused)) ignoreLost(error);
    }
    if (this.chat.view === "saved") await this.#load();
  }

  async loadMore() {
    const after = this.#after;
    this.#after = null;
    if (after) await this.#ask({ after, limit: PAGE_SIZE });
  }

  /** Throws Refused or Lost.
      @param {Pick<Message, "room" | "seq">} message @param {string} [remind_at] a time, "" for none; as it is without */
  async save({ room, seq }, remind_at) {
    const answer = await this.chat.connection.request("save", { room, seq, on: true, ...(remind_at !== undefined && { remind_at }) });
    this.#take({ room, seq }, answer);
  }

  /** It is done, or saved no longer; throws Refused or Lost.
      @param {Pick<Message, "room" | "seq">} message */
  async remove({ room, seq }) {
    const entry = this.entries.find((each) => keyOf(each) === keyOf({ room, seq }));
    this.#take({ room, seq }, await this.chat.connection.request("save", { room, seq, on: false }));
    if (!entry) return;
    this.undoable = entry;
    this.tell("changed");
  }

  /** Saved again; a reminder that was over is not. Throws Refused or Lost. */
  async undo() {
    const { undoable } = this;
    this.undoable = null;
    if (!undoable) return;
    await this.save(undoable, undoable.due ? undefined : undoable.remind_at ?? undefined);
    if (this.chat.view === "saved") await this.#load();
  }

  /** What the server tells.
      @param {string} name @param {any} payload what it is, its name says */
  hear(name, payload) {
    if (name === "saved") this.#take(payload, payload);
    if (name !== "reminder") return;
    const { room, seq, remind_at, message, due } = payload;
    const saved = { room, seq, saved_at: remind_at, remind_at, due: true, message };
    this.#setCount(Math.max(this.count, due), due);
    this.#tellDue(saved);
    if (this.chat.view === "saved") void this.#load();
  }

  /** @param {Pick<Message, "room" | "seq">} place @param {Pick<SavedMessage, "saved" | "count" | "due">} now */
  #take(place, { saved, count, due }) {
    const key = keyOf(place);
    if (saved) this.#known.add(key);
    else this.#known.delete(key);
    const known = this.entries.find((each) => keyOf(each) === key);
    if (known && saved) replace(known, saved);
    else if (known) this.entries = this.entries.filter((each) => each !== known);
    else if (saved && this.chat.view === "saved") this.entries.unshift(saved);
    this.#setCount(count, due);
    this.tell("changed");
  }

  /** Which messages are saved, and what is due. */
  async #learn() {
    /** @type {Entry[]} */
    const all = [];
    /** @type {string | null} */
    let after = null;
    for (let page = 0; page < KNOWN_PAGES; page += 1) {
      /** @type {{ saved: Entry[], after: string | null }} */
      const answer = await this.chat.connection.request("saved", { limit: AT_MOST, ...(after && { after }) });
      all.push(...answer.saved);
      after = answer.after;
      if (!after) break;
    }
    this.#known = new Set(all.map(keyOf));
    const due = all.filter((each) => each.due);
    this.#setCount(Math.max(all.length, after ? this.count : 0), due.length);
    for (const saved of due.toReversed()) this.#tellDue(saved);
  }

  /** Each device shows a reminder once.
      @param {Entry} saved */
  #tellDue(saved) {
    const name = `reminded.${this.chat.me}`;
    /** @type {string[]} */
    const told = this.chat.memory.get(name, []);
    const key = `${keyOf(saved)} ${saved.remind_at}`;
    if (told.includes(key)) return;
    this.chat.memory.put(name, [...told, key].slice(-REMEMBERED));
    this.tell("due", { saved });
  }

  async #load() {
    await this.#ask({ limit: PAGE_SIZE });
  }

  /** @param {{ after?: string, limit: number }} page */
  async #ask(page) {
    try {
      const { saved, after } = await this.chat.connection.request("saved", page);
      this.#list(saved);
      this.#after = after;
      this.state = "done";
    } catch (error) {
      this.problem = problemOf(error);
      this.state = "failed";
      ignoreLost(error);
    } finally {
      this.tell("changed");
    }
  }

  /** Those that are there stay where they are; what is due now stands on top.
      @param {Entry[]} saved */
  #list(saved) {
    for (const entry of saved) {
      const known = this.entries.find((each) => keyOf(each) === keyOf(entry));
      const isNews = entry.due && !known?.due && this.state === "done" && this.entries.length > 0;
      if (isNews) this.entries = [entry, ...this.entries.filter((each) => each !== known)];
      else if (known) replace(known, entry);
      else this.entries.push(entry);
    }
  }

  /** @param {number} count @param {number} due */
  #setCount(count, due) {
    this.count = count;
    this.due = due;
    this.tell("count");
  }
}

/** @param {Pick<Entry, "room" | "seq">} entry */
export function keyOf({ room, seq }) {
  return `${room} ${seq}`;
}

/** What it has no longer, such as a time, goes.
    @param {Entry} entry @param {Entry} now */
function replace(entry, now) {
  delete entry.remind_at;
  delete entry.due;
  Object.assign(entry, now);
}
