/* What people do to rooms, and which of them are listed. Requests throw Refused or Lost. */

/** @import { Connection } from "../types.js" */
/** @import { Chat } from "./chat.js" */
/** @import { Room } from "./room.js" */

/** With more than these, one sees one's own. */
const MANY_ROOMS = 25;
const byTitle = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** All but the archived ones and those that the person has closed, which are only there while open.
    @param {Iterable<Room>} rooms @param {Room} current */
export function present(rooms, current) {
  return [...rooms].filter((room) => (!room.archived && !room.closed) || room === current);
}

/** Those in the sidebar. Of many rooms only those that one is in, or wants to have there: among all the
    others, nobody finds anything. chatapp/features/pages/sidebar.py does alike.
    @param {Iterable<Room>} rooms @param {Room} current */
export function listed(rooms, current) {
  const all = present(rooms, current);
  if (all.length <= MANY_ROOMS) return all;
  return all.filter((room) => room.joined || room.favourite || room.calling > 0 || room === current);
}

/** The rooms that everybody may enter.
    @param {Iterable<Room>} rooms */
export function browsable(rooms) {
  return [...rooms]
    .filter(({ kind }) => kind === "public")
    .sort((a, b) => Number(a.archived) - Number(b.archived) || byTitle.compare(a.title, b.title));
}

/** What a direct room is called for one of those who talk in it.
    @param {Pick<Room, "kind" | "title" | "invited">} room @param {Pick<Chat, "me" | "people">} chat */
export function titleFor({ kind, title, invited }, { me, people }) {
  const others = invited.filter((name) => name !== me);
  return kind === "direct" && others.length > 0 ? others.map((name) => people.shown(name)).join(", ") : title;
}

/** Whose face stands for a direct room: the other one's. "" for other rooms and for a group.
    @param {Pick<Room, "kind" | "invited">} room @param {string} me */
export function faceOf({ kind, invited }, me) {
  const others = invited.filter((name) => name !== me);
  return kind === "direct" && others.length === 1 ? others[0] : "";
}

/** The drawing that stands for it: in the sidebar, and wherever one chooses between rooms.
    @param {Pick<Room, "kind" | "invited">} room */
export function iconOf({ kind, invited }) {
  const icons = { private: "lock", direct: invited.length > 2 ? "people" : "person", public: "hash" };
  return icons[kind];
}

/** Asks the server for changes, and lets the room know what became of them. */
export class RoomDesk {
  /** @param {Connection} connection */
  constructor(connection) {
    this.connection = connection;
  }

  /** `{title, topic, read_only, archived, slow_seconds}`, those that shall change.
      @param {Room} room @param {Omit<import("../wire.js").Update, "room">} changes */
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
      @param {Room} room @param {Omit<import("../wire.js").Prefs, "room">} prefs */
  async prefer(room, prefs) {
    room.prefer((await this.connection.request("prefs", { room: room.name, ...prefs })).prefs);
  }
}
