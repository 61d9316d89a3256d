/* What people do to rooms, and the order in which they stand. Requests throw Refused or Lost. */

const KINDS = ["public", "private", "direct"];
const byTitle = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** As they stand in the sidebar: favourites, `general`, then by kind and title. Whoever renders
    the page orders them alike, chatapp/pages/views.py. An archived room is only there while open. */
export function listed(rooms, current) {
  return [...rooms]
    .filter((room) => !room.archived || room === current)
    .sort((a, b) => place(a) - place(b) || byTitle.compare(a.title, b.title));
}

/** The rooms that everybody may enter. */
export function browsable(rooms) {
  return [...rooms]
    .filter(({ kind }) => kind === "public")
    .sort((a, b) => a.archived - b.archived || byTitle.compare(a.title, b.title));
}

/** What a direct room is called for one of those who talk in it. */
export function titleFor({ kind, title, invited }, me) {
  const others = invited.filter((name) => name !== me);
  return kind === "direct" && others.length > 0 ? others.join(", ") : title;
}

function place({ favourite, name, kind }) {
  if (favourite) return -2;
  return name === "general" ? -1 : KINDS.indexOf(kind);
}

/** Asks the server for changes, and lets the room know what became of them. */
export class RoomDesk {
  constructor(connection) {
    this.connection = connection;
  }

  /** `{title, topic, read_only, archived, slow_seconds}`, those that shall change. */
  async update(room, changes) {
    room.describe((await this.#ask("update", room, changes)).room);
  }

  async invite(room, name) {
    room.describe((await this.#ask("invite", room, { name })).room);
  }

  remove(room, name) {
    return this.#ask("remove", room, { name });
  }

  /** `{level, favourite}`: how one wants to hear of the room. */
  async prefer(room, prefs) {
    room.prefer((await this.#ask("prefs", room, prefs)).prefs);
  }

  #ask(event, { name: room }, payload) {
    return this.connection.request(event, { room, ...payload });
  }
}
