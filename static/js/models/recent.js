/* The last messages of each room, kept in the browser, so that rooms can be read without a server.
   What happened since is caught up on, when there is one again. */

const KEPT_MESSAGES = 50;
const KEEP_AFTER_SECONDS = 1;

/** @import { Later } from "../types.js" */
/** @import { Room } from "./room.js" */
/** @import { Page } from "./timeline.js" */

/** What it needs of the database.
    @typedef {{
      get: (table: string, key: string) => Promise<any>,
      put: (table: string, key: string, value: any) => Promise<boolean>,
      delete: (table: string, key: string) => Promise<boolean> }} Tables */

export class Recent {
  /** @type {Map<Room, () => void>} rooms that have changed, and how to call off their keeping */
  #due = new Map();

  /** @param {{me: string, tables: Tables, later: Later}} parts */
  constructor({ me, tables, later }) {
    this.me = me;
    this.tables = tables;
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
      @param {string} room @returns {Promise<Page | null>} */
  of(room) {
    return this.tables.get("rooms", this.#key(room));
  }

  /** @param {string} room */
  forget(room) {
    return this.tables.delete("rooms", this.#key(room));
  }

  /** Of another epoch, some of it may be gone for good.
      @param {string} room @param {string} epoch */
  async forgetOthers(room, epoch) {
    const kept = await this.of(room);
    if (kept && kept.epoch !== epoch) await this.forget(room);
  }

  /** Only what ends at the newest message.
      @param {Room} room */
  #write(room) {
    this.#due.delete(room);
    const { timeline, name } = room;
    if (!timeline || timeline.moreAfter) return;
    const { epoch, head, messages, moreBefore } = timeline;
    const last = messages.slice(-KEPT_MESSAGES);
    const more = moreBefore || messages.length > last.length;
    this.tables.put("rooms", this.#key(name), { epoch, head, messages: last, moreBefore: more });
  }

  /** @param {string} room */
  #key(room) {
    return `${this.me}\n${room}`;
  }
}
