/* What one does to messages that are there: edit, delete, react.

   A reaction shows at once and is taken back if the server refuses. An edit and a deletion wait
   for the answer: nobody's text is lost in between. All throw Refused or Lost. */

import { spelled } from "../../lib/messages/folding.js";

/** @import { Connection, LoggedEvent, Requests, Shown } from "../../types.js" */
/** @import { Room } from "../rooms/room.js" */

const LOOKS_AFTER_THE_PLACE = new Set(["admin", "owner"]);

export class Changes {
  /** `receive(room, events)` takes what the server answers.
      @param {{ connection: Connection, me: string, role: string, isOwn: (message: Shown) => boolean, receive: (room: Room, events: LoggedEvent[]) => void }} parts */
  constructor({ connection, me, role, isOwn, receive }) {
    this.connection = connection;
    this.me = me;
    this.role = role;
    this.isOwn = isOwn;
    this.receive = receive;
  }

  /** Nobody changes the words that people vote on, or those of somebody else.
      @param {Shown} message */
  mayEdit(message) {
    return Boolean(message.seq) && !isGone(message) && !message.poll && !message.forwarded && this.isOwn(message);
  }

  /** @param {Shown} message */
  mayDelete(message) {
    return Boolean(message.seq) && !message.deleted_by && (this.isOwn(message) || LOOKS_AFTER_THE_PLACE.has(this.role));
  }

  /** @param {Shown} message */
  mayReact(message) {
    return Boolean(message.seq) && !isGone(message);
  }

  /** @param {Room} room @param {number} seq @param {string} text */
  edit(room, seq, text) {
    return this.#change(room, "edit", { seq, text });
  }

  /** What a message has said, `{text, at}` oldest first.
      @param {Room} room @param {number} seq */
  async versions(room, seq) {
    return (await this.connection.request("versions", { room: room.name, seq })).versions;
  }

  /** @param {Room} room @param {number} seq */
  delete(room, seq) {
    return this.#change(room, "delete", { seq });
  }

  /** @param {Room} room @param {number} seq */
  hidePreviews(room, seq) {
    return this.#change(room, "hide_previews", { seq });
  }

  /** Gives a reaction, or takes it back if one has given it.
      @param {Room} room @param {number} seq @param {string} picked */
  async toggle(room, seq, picked) {
    const emoji = spelled(picked);
    const names = room.find(seq)?.reactions?.[emoji] ?? [];
    const on = !names.includes(this.me);
    this.#foresee(room, seq, emoji, on);
    try {
      await this.#change(room, "react", { seq, emoji, on });
    } catch (error) {
      this.#foresee(room, seq, emoji, !on);
      throw error;
    }
  }

  /** @param {Room} room @param {number} target @param {string} emoji @param {boolean} on */
  #foresee(room, target, emoji, on) {
    room.foresee({ type: "react", target, emoji, on, sender: this.me });
  }

  /** @template {"edit" | "delete" | "react" | "hide_previews"} What
      @param {Room} room @param {What} what @param {Omit<Requests[What][0], "room">} payload */
  async #change(room, what, payload) {
    const asked = /** @type {Requests[What][0]} */ ({ room: room.name, ...payload });
    const { event } = await this.connection.request(what, asked);
    if (event) this.receive(room, [{ type: what === "hide_previews" ? "edit" : what, ...event }]);
  }
}

/** Whether there is no text any more, and never will be.
    @param {Shown} message */
function isGone(message) {
  return Boolean(message.deleted_by || message.erased_at || message.system);
}
