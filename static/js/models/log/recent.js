/* The last messages of each room, and what it is called, kept in the browser, so that rooms can be
   read without a server. What happened since is caught up on, when there is one again. The rooms'
   pages are kept too, by the worker, and go when these go. */

const KEPT_MESSAGES = 50;
const KEEP_AFTER_SECONDS = 1;

/** @import { Later } from "../../types.js" */
/** @import { Room } from "../rooms/room.js" */
/** @import { Page } from "./timeline.js" */

/** What is kept of a room. Those of an earlier version had no `about`.
    @typedef {Page & { about?: Pick<Room, "title" | "kind" | "topic" | "invited" | "group"> }} Kept */

/** What it needs of the database.
    @typedef {{
      all: (table: string) => Promise<Map<string, any> | null>,
      get: (table: string, key: string) => Promise<any>,
      put: (table: string, key: string, value: any) => Promise<boolean>,
      delete: (table: string, key: string) => Promise<boolean> }} Tables */

/** The pages that the worker keeps.
    @typedef {{ forget: (room: string) => void, keepOnly: (epoch: string, rooms?: string[]) => void }} Pages */

export class Recent {
  /** @type {Map<Room, () => void>} rooms that have changed, and how to call off their keeping */
  #due = new Map();

  /** @param {{me: string, tables: Tables, pages: Pages, later: Later}} parts */
  constructor({ me, tables, pages, later }) {
    this.me = me;
    this.tables = tables;
    this.pages = pages;
    this.later = later;
  }

  /** Soon: much may happen in a moment.
      @param {Room} room */
  keep(room) {
    if (this.#due.has(room)) return;
    this.#due.set(room, this.later(() => this.#write(room), KEEP_AFTER_SECONDS));
  }

  /** Now: the page is about to be left. */
  flush() {
    for (const [room, callOff] of [...this.#due]) {
      callOff();
      this.#write(room);
    }
  }

  /** Where a timeline may begin; null if nothing is kept.
      @param {string} room @returns {Promise<Kept | null>} */
  of(room) {
    return this.tables.get("rooms", this.#key(room));
  }

  /** @param {string} room */
  forget(room) {
    return this.tables.delete("rooms", this.#key(room));
  }

  /** One is not in that room any more.
      @param {string} room */
  leave(room) {
    this.pages.forget(room);
    return this.forget(room);
  }

  /** These are the rooms that one sees. What is kept of another epoch may be gone for good.
      @param {{ name: string, epoch: string }[]} rooms */
  async keepOnly(rooms) {
    const epochs = new Map(rooms.map(({ name, epoch }) => [this.#key(name), epoch]));
    if (rooms.length > 0) this.pages.keepOnly(rooms[0].epoch, rooms.map(({ name }) => name));
    for (const [key, { epoch }] of (await this.tables.all("rooms")) ?? []) {
      if (key.startsWith(this.#key("")) && epochs.get(key) !== epoch) await this.tables.delete("rooms", key);
    }
  }

  /** Only what ends at the newest message.
      @param {Room} room */
  #write(room) {
    this.#due.delete(room);
    const { timeline, name, title, kind, topic, invited, group } = room;
    if (!timeline || timeline.moreAfter) return;
    const { epoch, head, messages, moreBefore } = timeline;
    const last = messages.slice(-KEPT_MESSAGES);
    const more = moreBefore || messages.length > last.length;
    const about = { title, kind, topic, invited, group };
    this.tables.put("rooms", this.#key(name), { epoch, head, messages: last, moreBefore: more, about });
  }

  /** @param {string} room */
  #key(room) {
    return `${this.me}\n${room}`;
  }
}
