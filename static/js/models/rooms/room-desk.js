/* What people do to rooms, and which of them everybody may enter. Requests throw Refused or Lost. */

/** @import { Connection } from "../../types.js" */
/** @import { Room } from "./room.js" */

const byTitle = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** The rooms that everybody may enter.
    @param {Iterable<Room>} rooms */
export function browsable(rooms) {
  return [...rooms]
    .filter(({ kind }) => kind === "public")
    .sort((a, b) => Number(a.archived) - Number(b.archived) || byTitle.compare(a.title, b.title));
}

/** Asks the server for changes, and lets the room know what became of them. */
export class RoomDesk {
  /** @param {Connection} connection */
  constructor(connection) {
    this.connection = connection;
  }

  /** `{title, topic, read_only, archived, slow_seconds}`, those that shall change.
      @param {Room} room @param {Omit<import("../../wire.js").Update, "room">} changes */
  async update(room, changes) {
    room.describe((await this.connection.request("update", { room: room.name, ...changes })).room);
  }

  /** @param {Room} room */
  delete(room) {
    return this.connection.request("delete_room", { room: room.name });
  }

  /** @param {Room} room @param {string} name */
  async invite(room, name) {
    room.describe((await this.connection.request("invite", { room: room.name, name })).room);
  }

  /** @param {Room} room @param {string} name */
  remove(room, name) {
    return this.connection.request("remove", { room: room.name, name });
  }

  /** Does not list a room any more, until something happens in it.
      @param {Room} room */
  async close(room) {
    await this.prefer(room, { closed: true });
  }

  /** `{level, favourite, closed}`: how one wants to hear of the room.
      @param {Room} room @param {Omit<import("../../wire.js").Prefs, "room">} prefs */
  async prefer(room, prefs) {
    room.prefer((await this.connection.request("prefs", { room: room.name, ...prefs })).prefs);
  }
}
