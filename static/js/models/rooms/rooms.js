/* Which rooms are listed, and how they are called and drawn. What people do to them: models/rooms/room-desk.js. */

/** @import { Chat } from "../chat.js" */
/** @import { Room } from "./room.js" */

/** With more than these, one sees one's own. */
const MANY_ROOMS = 25;

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

/** What a direct room is called for one of those who talk in it; a group may have a name.
    @param {Pick<Room, "kind" | "title" | "invited" | "group">} room @param {Pick<Chat, "me" | "people">} chat */
export function titleFor({ kind, title, invited, group }, { me, people }) {
  const others = invited.filter((name) => name !== me);
  return kind === "direct" && others.length > 0 && !group?.named ? inShort(others.map((name) => people.shown(name))) : title;
}

/** "Ana, Ben, Carla +2"; as in chatapp/domain/groups.py.
    @param {string[]} names */
function inShort(names) {
  const shown = names.length > 4 ? 3 : 4;
  return names.slice(0, shown).join(", ") + (names.length > shown ? ` +${names.length - shown}` : "");
}

/** Whose face stands for a direct room: the other one's. "" for other rooms and for a group.
    @param {Pick<Room, "kind" | "invited" | "group">} room @param {string} me */
export function faceOf({ kind, invited, group }, me) {
  const others = invited.filter((name) => name !== me);
  return kind === "direct" && others.length === 1 && !group ? others[0] : "";
}

/** The drawing that stands for it: in the sidebar, and wherever one chooses between rooms.
    @param {Pick<Room, "kind" | "group">} room */
export function iconOf({ kind, group }) {
  const icons = { private: "lock", direct: group ? "people" : "person", public: "hash" };
  return icons[kind];
}
