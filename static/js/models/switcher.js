/* Where one could go: rooms, and people to talk to. Those that one was in lately come first, and
   what is typed may be sloppy. */

import { fit } from "../lib/fuzzy.js";
import { titleFor } from "./rooms.js";

/** @import { Chat } from "./chat.js" */
/** @import { Room } from "./room.js" */

/** @typedef {{ kind: "room" | "person", name: string, title: string, room?: Room }} Place */

const SHOWN_AT_MOST = 12;
const REMEMBERED = 30;

export class Switcher {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#remember());
    this.#remember();
  }

  /** `{kind: "room", room}` and `{kind: "person", name}`, the best first. Who is away is not known
      here: where nothing fits, what was typed may be somebody's name.
      @param {string} typed @returns {Place[]} */
  find(typed) {
    const recent = this.#recent;
    /** @param {string} name */
    const rank = (name) => (recent.includes(name) ? 1 - recent.indexOf(name) / REMEMBERED : 0);
    const found = this.#places
      .map((place) => ({ place, fits: fit(typed, place.title), rank: rank(place.name) }))
      .filter(({ fits }) => fits !== null)
      .sort((a, b) => Number(b.fits) - Number(a.fits) || b.rank - a.rank)
      .slice(0, SHOWN_AT_MOST)
      .map(({ place }) => place);
    return found.length > 0 || this.chat.isGuest || !typed.trim() ? found : [person(typed.trim())];
  }

  /** The open room comes last: one wants to go elsewhere.
      @returns {Place[]} */
  get #places() {
    const { rooms, current, me, isGuest } = this.chat;
    const others = [...rooms.values()].filter((room) => room !== current && !room.archived);
    /** @type {Place[]} */
    const places = [...others, current].map((room) => ({ kind: /** @type {const} */ ("room"), name: room.name, title: titleFor(room, me), room }));
    if (isGuest) return places;
    const people = new Set([...rooms.values()].flatMap((room) => [...room.members, ...room.invited]));
    people.delete(me);
    return [...places, ...[...people].map(person)];
  }

  get #key() {
    return `recent.${this.chat.me}`;
  }

  /** @returns {string[]} */
  get #recent() {
    const { memory, current } = this.chat;
    const names = /** @type {string[]} */ (memory.get(this.#key, []));
    return names.filter((name) => name !== current.name);
  }

  #remember() {
    const { memory, current } = this.chat;
    memory.put(this.#key, [current.name, ...this.#recent].slice(0, REMEMBERED));
  }
}

/** @param {string} name @returns {Place} */
function person(name) {
  return { kind: "person", name, title: name };
}
