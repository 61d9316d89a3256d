/* The rooms of the sidebar in their sections: what is new, favourites, rooms, direct messages. A room
   stands in one of them. chatapp/features/pages/sidebar.py has the same rules, for the first paint.

   What is new takes a room out of the others, except the open one: that stays where it was opened, so
   that it does not jump while one reads. Tells "changed" when the person folds or sorts. */

import { Emitter } from "../../lib/browser/emitter.js";
import { GENERAL } from "../../lib/page/routes.js";
import { listed, titleFor } from "./rooms.js";

/** @import { Chat } from "../chat.js" */
/** @import { Room } from "./room.js" */

/** @typedef {"unread" | "favourites" | "rooms" | "direct"} SectionName */
/** @typedef {"own" | "name" | "activity"} Sort */
/** @typedef {{ name: SectionName, rooms: Room[] }} Section */

/** @type {SectionName[]} */
export const SECTIONS = ["unread", "favourites", "rooms", "direct"];
/** @type {Sort[]} */
const SORTS = ["own", "name", "activity"];
const byTitle = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** What one has chosen for each section, as the server reads it too: "rooms.activity_direct.folded". */
export class Layout {
  /** @type {Map<string, Set<string>>} */
  #chosen;

  /** `keep` gets the text whenever something of it has changed.
      @param {string} text @param {(text: string) => void} keep */
  constructor(text, keep) {
    this.keep = keep;
    this.#chosen = new Map(text.split("_").map((section) => {
      const [name, ...words] = section.split(".");
      return [name, new Set(words)];
    }));
  }

  /** @param {SectionName} section @returns {Sort} */
  sortOf(section) {
    const otherwise = section === "direct" ? "activity" : "own";
    return SORTS.find((sort) => this.#chosen.get(section)?.has(sort)) ?? otherwise;
  }

  /** @param {SectionName} section */
  isFolded(section) {
    return this.#chosen.get(section)?.has("folded") ?? false;
  }

  /** @param {SectionName} section @param {Sort} sort */
  sort(section, sort) {
    this.#choose(section, [sort, ...(this.isFolded(section) ? ["folded"] : [])]);
  }

  /** @param {SectionName} section @param {boolean} isFolded */
  fold(section, isFolded) {
    this.#choose(section, [this.sortOf(section), ...(isFolded ? ["folded"] : [])]);
  }

  /** @param {SectionName} section @param {string[]} words */
  #choose(section, words) {
    this.#chosen.set(section, new Set(words));
    const sections = SECTIONS.filter((name) => this.#chosen.has(name));
    this.keep(sections.map((name) => [name, ...(this.#chosen.get(name) ?? [])].join(".")).join("_"));
  }
}

/** @extends {Emitter<{ changed: void }>} */
export class Sections extends Emitter {
  /** @type {Map<Room, SectionName>} where each stood last */
  #places = new Map();
  /** @type {Room | null} the open one */
  #current = null;
  /** The open room, as it was when it was opened. */
  #held = { isNew: false, isCalled: false, lastAt: "" };

  /** @param {Chat} chat @param {Layout} layout */
  constructor(chat, layout) {
    super();
    this.chat = chat;
    this.layout = layout;
    this.#hold(chat.opened, false);
  }

  /** All of them, also those without rooms.
      @returns {Section[]} */
  get all() {
    const { rooms, current, opened } = this.chat;
    if (opened !== this.#current) this.#hold(opened, opened !== null && this.#places.get(opened) === "unread");
    this.#places = new Map(listed(rooms.values(), current).map((room) => [room, this.#placeOf(room)]));
    return SECTIONS.map((name) => ({ name, rooms: this.#inOrder(name, this.#standingIn(name)) }));
  }

  /** Where a room stands now.
      @param {Room} room */
  sectionOf(room) {
    return this.#places.get(room) ?? homeOf(room);
  }

  /** The rooms of a section, as they stand there.
      @param {SectionName} section */
  roomsOf(section) {
    return this.#inOrder(section, this.#standingIn(section));
  }

  /** All that belong into a section, those with something new too.
      @param {SectionName} section */
  belongingTo(section) {
    return this.#inOrder(section, [...this.#places.keys()].filter((room) => homeOf(room) === section));
  }

  /** @param {SectionName} section @param {boolean} isFolded */
  fold(section, isFolded) {
    this.layout.fold(section, isFolded);
    this.tell("changed");
  }

  /** @param {SectionName} section @param {Sort} sort */
  sort(section, sort) {
    this.layout.sort(section, sort);
    this.tell("changed");
  }

  /** @param {Room | null} room @param {boolean} isNew whether it stands among what is new */
  #hold(room, isNew) {
    this.#current = room;
    this.#held = { isNew, isCalled: (room?.mentions ?? 0) > 0, lastAt: room?.lastAt ?? "" };
  }

  /** @param {Room} room @returns {SectionName} */
  #placeOf(room) {
    const isNew = room === this.#current ? this.#held.isNew : room.calling > 0;
    return isNew ? "unread" : homeOf(room);
  }

  /** @param {SectionName} section */
  #standingIn(section) {
    return [...this.#places].filter(([, place]) => place === section).map(([room]) => room);
  }

  /** @param {SectionName} section @param {Room[]} rooms */
  #inOrder(section, rooms) {
    const titles = new Map(rooms.map((room) => [room, titleFor(room, this.chat)]));
    /** @param {Room} a @param {Room} b */
    const byName = (a, b) => byTitle.compare(titles.get(a) ?? "", titles.get(b) ?? "");
    /** @param {Room} a @param {Room} b */
    const byActivity = (a, b) => compare(this.#lastAt(b), this.#lastAt(a)) || byName(a, b);
    if (section === "unread") {
      return rooms.sort((a, b) => Number(this.#isCalled(b)) - Number(this.#isCalled(a)) || byActivity(a, b));
    }
    const orders = { activity: byActivity, name: byName, own: byOwnOrder(byName) };
    return rooms.sort(orders[this.layout.sortOf(section)]);
  }

  /** @param {Room} room */
  #lastAt(room) {
    return room === this.#current ? this.#held.lastAt : (room.lastAt ?? "");
  }

  /** @param {Room} room */
  #isCalled(room) {
    return room === this.#current ? this.#held.isCalled : room.mentions > 0;
  }
}

/** Where a room stands if there is nothing new in it.
    @param {Room} room @returns {SectionName} */
export function homeOf({ favourite, kind }) {
  if (favourite) return "favourites";
  return kind === "direct" ? "direct" : "rooms";
}

/** Those that the person has moved, then `general`, then the others.
    @param {(a: Room, b: Room) => number} byName @returns {(a: Room, b: Room) => number} */
function byOwnOrder(byName) {
  return (a, b) =>
    ownPlace(a) - ownPlace(b) || Number(b.name === GENERAL) - Number(a.name === GENERAL) || byName(a, b);
}

/** @param {Room} room */
function ownPlace({ place }) {
  return place ?? Number.MAX_SAFE_INTEGER;
}

/** @param {string} a @param {string} b */
function compare(a, b) {
  return a < b ? -1 : Number(a > b);
}
