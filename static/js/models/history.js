/* Loads what is not on the page: pages before and after the window of a room's timeline, the
   surroundings of one message, the newest page, and single messages that others answer to.

   All throw Refused or Lost. */

import { Timeline } from "./timeline.js";

const PAGE_SIZE = 50;
const ORIGINALS_AT_MOST = 500;

export class History {
  #underWay = new Map();
  #originals = new Map(); // "room seq" → a promise of the message, or of null

  constructor(connection) {
    this.connection = connection;
  }

  /** Puts the next older page before what is there. */
  older(room) {
    if (!room.timeline?.moreBefore) return Promise.resolve();
    return this.#once(`before ${room.name}`, async () => {
      const { timeline } = room;
      const before = timeline.oldest;
      const { messages, more } = await this.#ask(room, { before });
      // Trimmed or begun again meanwhile: this page would leave a hole.
      if (timeline === room.timeline && timeline.oldest === before) timeline.prepend(messages, more.before);
    });
  }

  /** Puts the next newer page behind what is there. */
  newer(room) {
    if (!room.timeline?.moreAfter) return Promise.resolve();
    return this.#once(`after ${room.name}`, async () => {
      const { timeline } = room;
      const after = timeline.newest;
      const { messages, more } = await this.#ask(room, { after });
      const isSame = timeline === room.timeline && timeline.moreAfter && timeline.newest === after;
      if (isSame) timeline.extend(messages, more.after);
    });
  }

  /** Begins the room's timeline at the newest page. `start` is its {epoch, head}. */
  newest(room, start) {
    return this.#begin(room, start, {});
  }

  /** Begins the room's timeline around a message. */
  around(room, start, seq) {
    return this.#begin(room, start, { around: seq });
  }

  /** A message that another one answers to; null if there is none, or it cannot be had now. */
  original(room, seq) {
    const here = room.timeline?.find(seq);
    if (here) return Promise.resolve(here);
    const key = `${room.name} ${seq}`;
    if (!this.#originals.has(key)) this.#keep(key, this.#single(room, seq));
    return this.#originals.get(key);
  }

  /** It has changed: whoever asks next is told anew. */
  forget(room, seq) {
    this.#originals.delete(`${room.name} ${seq}`);
  }

  async #begin(room, start, where) {
    const { messages, more } = await this.#ask(room, where);
    const page = { ...start, messages, moreBefore: more.before, moreAfter: more.after };
    if (room.timeline) room.timeline.reset(page);
    else return new Timeline(page);
    return room.timeline;
  }

  #ask(room, where) {
    return this.connection.request("history", { room: room.name, limit: PAGE_SIZE, ...where });
  }

  async #single(room, seq) {
    const where = { room: room.name, around: seq, limit: 1 };
    const { messages } = await this.connection.request("history", where);
    return messages.find((message) => message.seq === seq) ?? null;
  }

  #keep(key, promise) {
    const kept = promise.catch(() => {
      this.#originals.delete(key); // Asked again when it is shown again.
      return null;
    });
    this.#originals.set(key, kept);
    if (this.#originals.size > ORIGINALS_AT_MOST) {
      this.#originals.delete(this.#originals.keys().next().value);
    }
  }

  /** One at a time of a kind and room; who asks meanwhile gets the same promise. */
  #once(what, step) {
    if (!this.#underWay.has(what)) {
      this.#underWay.set(
        what,
        step().finally(() => this.#underWay.delete(what)),
      );
    }
    return this.#underWay.get(what);
  }
}
