/* Who is typing in a room, and telling the room that one is typing oneself. */

import { Emitter } from "../../lib/browser/emitter.js";

const TELL_EVERY_SECONDS = 3;
const GONE_AFTER_SECONDS = 5;

/** The others. Tells "changed". `later(step, seconds)` gives a function that calls it off.
    @extends {Emitter<{ changed: void }>} */
export class Typists extends Emitter {
  /** @type {Map<string, () => void>} */
  #callOff = new Map();

  /** @param {import("../../types.js").Later} later */
  constructor(later) {
    super();
    this.later = later;
  }

  get names() {
    return [...this.#callOff.keys()];
  }

  /** @param {string} name */
  typed(name) {
    this.#callOff.get(name)?.();
    const isNew = !this.#callOff.has(name);
    this.#callOff.set(name, this.later(() => this.stopped(name), GONE_AFTER_SECONDS));
    if (isNew) this.tell("changed");
  }

  /** They sent it, or went, or thought better of it.
      @param {string} name */
  stopped(name) {
    this.#callOff.get(name)?.();
    if (this.#callOff.delete(name)) this.tell("changed");
  }

  clear() {
    for (const name of this.names) this.stopped(name);
  }
}

/** Oneself: says whether a key press is worth telling. */
export class OwnTyping {
  /** @type {Map<string, number>} when, by room */
  #told = new Map();

  /** @param {import("../../types.js").Now} now */
  constructor(now) {
    this.now = now;
  }

  /** @param {string} room */
  isDue(room) {
    const now = this.now().getTime();
    if (now - (this.#told.get(room) ?? -Infinity) < TELL_EVERY_SECONDS * 1000) return false;
    this.#told.set(room, now);
    return true;
  }

  /** The message is sent; the next key press is news again.
      @param {string} room */
  sent(room) {
    this.#told.delete(room);
  }
}
