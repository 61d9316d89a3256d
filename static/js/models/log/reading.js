/* How far one has read each room, told to the server, which tells one's other devices.

   A mark moves forward only when the newest message was really seen: whoever shows the messages
   says so with `saw`. In a busy room that is so with every frame; the server is told twice a second. What was marked unread by hand, here or elsewhere, is held so until the
   room is opened again, or marked read by hand. */

import { ignoreUnanswered } from "../refused.js";

/** @import { Connection, Later, Mark } from "../../types.js" */
/** @import { Room } from "../rooms/room.js" */

const TELL_EVERY_SECONDS = 0.5;

export class Reading {
  /** @type {Map<Room, number>} */
  #wanted = new Map(); // room -> the mark that the server is to be told
  /** @type {Set<Room>} of which the server is being told */
  #telling = new Set();

  /** @param {Connection} connection @param {Later} later */
  constructor(connection, later) {
    this.connection = connection;
    this.later = later;
  }

  /** Everything that is loaded of the room stands before the reader's eyes.
      @param {Room} room */
  saw(room) {
    const { timeline, held } = room;
    if (timeline && !timeline.moreAfter && !held) this.#mark(room, timeline.head);
  }

  /** Read, says the reader, whatever was on the screen.
      @param {Room} room */
  markRead(room) {
    room.release();
    this.#mark(room, Math.max(room.head, room.timeline?.head ?? 0));
  }

  /** The server has no mark: it keeps those of guests in its memory only, and was restarted. Throws
      Refused or Lost.
      @param {Room} room */
  async remind(room) {
    if (room.read === null) return;
    const { read } = await this.connection.request("read", { room: room.name, seq: room.read });
    room.takeMark(read);
  }

  /** Unread again from this message on; throws Refused or Lost.
      @param {Room} room @param {number} seq */
  async markUnread(room, seq) {
    room.held = true;
    this.#wanted.delete(room); // What was seen before, and is not told yet, is not to be told now.
    const { read } = await this.connection.request("read", {
      room: room.name,
      seq: seq - 1,
      back: true,
    });
    room.takeMark(read);
  }

  /** What another device of the same person did. Where it has only read less than this one, which
      the server is about to hear, nothing is unread again.
      @param {Room} room @param {Mark & { back?: boolean }} mark */
  hear(room, mark) {
    if (mark.back) {
      room.held = true;
      this.#wanted.delete(room);
    } else if (room.read !== null && (mark.read ?? 0) < room.read) {
      return;
    }
    room.takeMark(mark);
  }

  /** @param {Room} room @param {number} seq */
  async #mark(room, seq) {
    if (room.read !== null && seq <= room.read) return;
    room.readTo(seq);
    this.#wanted.set(room, seq);
    if (this.#telling.has(room)) return;
    this.#telling.add(room);
    try {
      await this.#tellUntilDone(room);
    } catch (error) {
      // Coming online brings the server's mark, and what is seen then is told again.
      ignoreUnanswered(error);
    } finally {
      this.#wanted.delete(room);
      this.#telling.delete(room);
    }
  }

  /** @param {Room} room */
  async #tellUntilDone(room) {
    for (let seq; (seq = this.#wanted.get(room)) !== undefined; ) {
      this.#wanted.delete(room);
      const { read } = await this.connection.request("read", { room: room.name, seq });
      if (!this.#wanted.has(room)) room.takeMark(read);
      await new Promise((resolve) => void this.later(() => resolve(null), TELL_EVERY_SECONDS));
    }
  }
}
