/* The rooms that a person knows: all that they may see, and which of them they are in. Which those are
   is kept over a reload: of a guest, the server forgets it. */

import { GENERAL } from "../../lib/page/routes.js";
import { Room } from "./room.js";

/** @import { RoomInfo } from "../../types.js" */
/** @import { Chat } from "../chat.js" */
/** @import { Known } from "./room.js" */

export class KnownRooms {
  /** @type {Map<string, Room>} */
  byName = new Map();

  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  /** What is said of a room: it is another one than before, or as it is now.
      @param {Known} info */
  learn(info) {
    const known = this.byName.get(info.name);
    if (known) {
      known.describe(info);
      return known;
    }
    const { chat } = this;
    const room = new Room(info, chat.later);
    this.byName.set(room.name, room);
    room.on("changed", () => chat.tell("room", { room }));
    room.on("presence", () => chat.tell("presence", { room }));
    room.on("line", () => chat.tell("line", { room }));
    room.typists.on("changed", () => chat.tell("typing", { room }));
    chat.tell("rooms");
    return room;
  }

  /** A direct room is called like those who talk in it.
      @param {Set<string>} names */
  callOtherwise(names) {
    for (const room of this.byName.values()) {
      if (room.kind === "direct" && room.invited.some((name) => names.has(name))) room.tell("changed");
    }
  }

  /** The rooms in the order in which the person wants to see them.
      @param {string[]} names */
  takeOrder(names) {
    for (const room of this.byName.values()) room.place = names.includes(room.name) ? names.indexOf(room.name) : null;
    this.chat.tell("rooms");
  }

  // Which of them one is in

  /** An account's rooms are the server's to know: another device may have joined or left some.
      @param {RoomInfo[]} rooms */
  joinAsTold(rooms) {
    for (const { name, joined } of rooms) {
      const room = this.byName.get(name);
      if (room) room.joined = joined;
    }
    this.remember();
  }

  joinRemembered() {
    for (const name of [GENERAL, ...this.#remembered]) {
      const room = this.byName.get(name);
      if (room) room.joined = true;
    }
  }

  /** Whether the person was in this room when this browser last knew of it.
      @param {string} name */
  isRemembered(name) {
    return name === GENERAL || this.#remembered.includes(name);
  }

  /** @returns {string[]} */
  get #remembered() {
    return this.chat.memory.get(this.#key, []);
  }

  remember() {
    const joined = [...this.byName.values()].filter((room) => room.joined).map((room) => room.name);
    this.chat.memory.put(this.#key, joined);
  }

  get #key() {
    return `rooms.${this.chat.me}`;
  }
}
