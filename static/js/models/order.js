/* The order in which one wants to see the rooms: one moves a room, the server keeps it for all of
   one's devices. A room moves among favourites, or among the others. */

import { listed } from "./rooms.js";

/** @import { Chat } from "./chat.js" */
/** @import { Room } from "./room.js" */

export class RoomOrder {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  /** The room above (-1) or below (1) that it could change places with; null at the end of its part.
      @param {Room} room @param {number} step */
  neighbour(room, step) {
    const rooms = this.#listed;
    const other = rooms[rooms.indexOf(room) + step];
    return other?.favourite === room.favourite ? other : null;
  }

  /** Puts a room where another one of its part stands; throws Refused or Lost.
      @param {Room} room @param {Room} there */
  async move(room, there) {
    if (room === there || room.favourite !== there.favourite) return;
    const before = this.#listed.map(({ name }) => name);
    const after = before.filter((name) => name !== room.name);
    after.splice(before.indexOf(there.name), 0, room.name);
    this.chat.known.takeOrder(after);
    try {
      await this.chat.connection.request("arrange", { rooms: after });
    } catch (error) {
      this.chat.known.takeOrder(before);
      throw error;
    }
  }

  get #listed() {
    return listed(this.chat.rooms.values(), this.chat.current);
  }
}
