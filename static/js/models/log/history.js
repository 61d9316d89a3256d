/* Loads what is not on the page: pages before and after the window of a room's timeline, the
   surroundings of one message, the newest page, and single messages that others answer to.

   All throw Refused or Lost. */

import { Timeline } from "./timeline.js";

/** @import { Connection, Message, Requests } from "../../types.js" */
/** @import { Room } from "../rooms/room.js" */

/** @typedef {{ epoch: string, head: number }} Start */
/** @typedef {{ before?: number, after?: number, around?: number, since?: string }} Where */
/** @typedef {Where & { thread?: number, limit?: number }} Asked */
/** @typedef {Requests["history"][1]} Answer */

const PAGE_SIZE = 50;
const ORIGINALS_AT_MOST = 500;

export class MessageHistory {
  /** @type {Map<string, Promise<void>>} */
  #underWay = new Map();
  /** @type {Map<string, Promise<Message | null>>} by room and seq */
  #originals = new Map();

  /** @param {Connection} connection */
  constructor(connection) {
    this.connection = connection;
  }

  /** Puts the next older page before what is there.
      @param {Room} room */
  older(room) {
    const { timeline } = room;
    if (!timeline?.moreBefore) return Promise.resolve();
    return this.#once(`before ${room.name}`, async () => {
      const before = timeline.oldest;
      const { messages, more } = await this.#ask(room, { before });
      // Trimmed or begun again meanwhile: this page would leave a hole.
      if (timeline === room.timeline && timeline.oldest === before) timeline.prepend(messages, more.before);
    });
  }

  /** Puts the next newer page behind what is there.
      @param {Room} room */
  newer(room) {
    const { timeline } = room;
    if (!timeline?.moreAfter) return Promise.resolve();
    return this.#once(`after ${room.name}`, async () => {
      const after = timeline.newest;
      const { messages, more } = await this.#ask(room, { after });
      const isSame = timeline === room.timeline && timeline.moreAfter && timeline.newest === after;
      if (isSame) timeline.extend(messages, more.after);
    });
  }

  /** Begins the room's timeline at the newest page. `start` is its {epoch, head}.
      @param {Room} room @param {Start} start */
  newest(room, start) {
    return this.#begin(room, start, {});
  }

  /** Begins the room's timeline around a message.
      @param {Room} room @param {Start} start @param {number} seq */
  around(room, start, seq) {
    return this.#begin(room, start, { around: seq });
  }

  /** Begins the room's timeline around the first message since a moment: its seq, or null if
      there is none, and it begins at the newest.
      @param {Room} room @param {Start} start @param {Date} moment */
  async since(room, start, moment) {
    const answer = await this.#ask(room, { since: moment.toISOString() });
    this.#show(room, start, answer);
    return answer.found ?? null;
  }

  /** Reads the part of the room that is here anew: what is shown in it has changed.
      @param {Room} room */
  again(room) {
    return this.#once(`again ${room.name}`, async () => {
      const { timeline } = room;
      if (!timeline) return;
      const { oldest, newest } = timeline;
      /** @type {Message[]} */
      const all = [];
      for (let after = oldest - 1; ; ) {
        const { messages, more } = await this.#ask(room, { after });
        all.push(...messages);
        after = messages.at(-1)?.seq ?? newest;
        if (!more.after || after >= newest) break;
      }
      if (timeline === room.timeline && timeline.oldest === oldest) timeline.readAnew(all);
    });
  }

  /** A part of a thread, or of what is shown of a room.
      @param {Room} room @param {Asked} where */
  page(room, where) {
    return this.#ask(room, where);
  }

  /** A message that another one answers to; null if there is none, or it cannot be had now.
      @param {Room} room @param {number} seq @returns {Promise<Message | null>} */
  original(room, seq) {
    const here = room.find(seq);
    if (here) return Promise.resolve(here);
    const key = `${room.name} ${seq}`;
    return this.#originals.get(key) ?? this.#keep(key, this.#single(room, seq));
  }

  /** It has changed: whoever asks next is told anew.
      @param {Room} room @param {number} seq */
  forget(room, seq) {
    this.#originals.delete(`${room.name} ${seq}`);
  }

  /** @param {Room} room @param {Start} start @param {Where} where */
  async #begin(room, start, where) {
    return this.#show(room, start, await this.#ask(room, where));
  }

  /** @param {Room} room @param {Start} start @param {Answer} answer */
  #show(room, start, { messages, more }) {
    const page = { ...start, messages, moreBefore: more.before, moreAfter: more.after };
    if (room.timeline) room.timeline.reset(page);
    else return new Timeline(page);
    return room.timeline;
  }

  /** @param {Room} room @param {Asked} where */
  #ask(room, where) {
    const what = where.thread ? {} : { folded: true };
    return this.connection.request("history", { room: room.name, limit: PAGE_SIZE, ...what, ...where });
  }

  /** @param {Room} room @param {number} seq */
  async #single(room, seq) {
    const where = { room: room.name, around: seq, limit: 1 };
    const { messages } = await this.connection.request("history", where);
    return messages.find((message) => message.seq === seq) ?? null;
  }

  /** @param {string} key @param {Promise<Message | null>} promise */
  #keep(key, promise) {
    const kept = promise.catch(() => {
      this.#originals.delete(key); // Asked again when it is shown again.
      return null;
    });
    this.#originals.set(key, kept);
    if (this.#originals.size > ORIGINALS_AT_MOST) {
      const [oldest] = this.#originals.keys();
      this.#originals.delete(oldest);
    }
    return kept;
  }

  /** One at a time of a kind and room; who asks meanwhile gets the same promise.
      @param {string} what @param {() => Promise<void>} step */
  #once(what, step) {
    const underWay = this.#underWay.get(what) ?? step().finally(() => this.#underWay.delete(what));
    this.#underWay.set(what, underWay);
    return underWay;
  }
}
