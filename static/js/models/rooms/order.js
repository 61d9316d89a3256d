/* The order in which one wants to see the rooms: one moves a room among those of its section, which
   then stands in that order. The server keeps it for all of one's devices. */

import { homeOf } from "./sections.js";

/** @import { Chat } from "../chat.js" */
/** @import { Room } from "./room.js" */
/** @import { Sections } from "./sections.js" */

export class RoomOrder {
  /** @param {Chat} chat @param {Sections} sections */
  constructor(chat, sections) {
    this.chat = chat;
    this.sections = sections;
  }

  /** The room above (-1) or below (1) that it could change places with; null at the end of its section.
      @param {Room} room @param {number} step */
  neighbour(room, step) {
    const section = this.sections.sectionOf(room);
    const rooms = this.sections.roomsOf(section);
    return (section !== "unread" && rooms[rooms.indexOf(room) + step]) || null;
  }

  /** Whether a room could be put where another one stands: both are at home in the same section.
      @param {Room} room @param {Room} there */
  mayMove(room, there) {
    const { sections } = this;
    return room !== there && sections.sectionOf(room) !== "unread" && sections.sectionOf(room) === sections.sectionOf(there);
  }

  /** Puts a room where another one of its section stands; throws Refused or Lost.
      @param {Room} room @param {Room} there */
  async move(room, there) {
    if (!this.mayMove(room, there)) return;
    const section = homeOf(room);
    const before = this.#placed;
    const names = this.sections.belongingTo(section).map(({ name }) => name);
    const after = names.filter((name) => name !== room.name);
    after.splice(names.indexOf(there.name), 0, room.name);
    const order = [...after, ...before.filter((name) => !after.includes(name))];
    this.sections.layout.sort(section, "own");
    this.chat.known.takeOrder(order);
    try {
      await this.chat.connection.request("arrange", { rooms: order });
    } catch (error) {
      this.chat.known.takeOrder(before);
      throw error;
    }
  }

  /** The names of the rooms that have a place, in its order. */
  get #placed() {
    const placed = [...this.chat.rooms.values()].filter(({ place }) => place !== null);
    return placed.sort((a, b) => (a.place ?? 0) - (b.place ?? 0)).map(({ name }) => name);
  }
}
