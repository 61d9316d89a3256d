/* Where one could go: rooms, and people to talk to. Those that one was in lately come first, and
   what is typed may be sloppy. */

import { fit } from "../../lib/search/fuzzy.js";
import { GENERAL } from "../../lib/page/routes.js";
import { titleFor } from "../rooms/rooms.js";

/** @import { Chat } from "../chat.js" */
/** @import { People } from "../people/people.js" */
/** @import { Room } from "../rooms/room.js" */

/** @typedef {{ kind: "room" | "person", name: string, title: string, sought: string, room?: Room }} Place */

const SHOWN_AT_MOST = 12;
const REMEMBERED = 30;
const SHORTEST_QUESTION = 2;

export class Switcher {
  /** @type {Set<string>} people who are not here */
  #others = new Set();

  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#remember());
    this.#remember();
  }

  /** `{kind: "room", room}` and `{kind: "person", name}`, the best first. Not everybody who is away
      is known here: `ask` asks for them.
      @param {string} typed @returns {Place[]} */
  find(typed) {
    const recent = this.#recent;
    /** @param {string} name */
    const rank = (name) => (recent.includes(name) ? 1 - recent.indexOf(name) / REMEMBERED : 0);
    return this.#places
      .map((place) => ({ place, fits: fit(typed, place.sought), rank: rank(place.name) }))
      .filter(({ fits }) => fits !== null)
      .sort((a, b) => Number(b.fits) - Number(a.fits) || b.rank - a.rank)
      .slice(0, SHOWN_AT_MOST)
      .map(({ place }) => place);
  }

  /** Whether `find` gives other places now, or others first, than those that it gave.
      @param {string} typed @param {Place[]} given */
  isNews(typed, given) {
    const found = this.find(typed);
    return found.length !== given.length || found.some(({ kind, name }, at) => kind !== given[at].kind || name !== given[at].name);
  }

  /** Asks who else is called like that. Gives whether there is somebody new; throws Refused or Lost.
      @param {string} typed */
  async ask(typed) {
    const { people, isGuest } = this.chat;
    if (isGuest || typed.trim().length < SHORTEST_QUESTION) return false;
    const before = this.#others.size;
    for (const name of await people.find(GENERAL, typed.trim())) this.#others.add(name);
    return this.#others.size > before;
  }

  /** The open room comes last: one wants to go elsewhere.
      @returns {Place[]} */
  get #places() {
    const { rooms, current, me, isGuest, people } = this.chat;
    const others = [...rooms.values()].filter((room) => room !== current && !room.archived);
    /** @type {Place[]} */
    const places = [...others, current].map((room) => {
      const title = titleFor(room, this.chat);
      return { kind: /** @type {const} */ ("room"), name: room.name, title, sought: title, room };
    });
    if (isGuest) return places;
    const names = new Set([...rooms.values()].flatMap((room) => [...room.members, ...room.invited]));
    for (const name of this.#others) names.add(name);
    names.delete(me);
    return [...places, ...[...names].map((name) => person(name, people))];
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

/** @param {string} name @param {People} people @returns {Place} */
function person(name, people) {
  return { kind: "person", name, title: people.shown(name), sought: people.bothNames(name) };
}
