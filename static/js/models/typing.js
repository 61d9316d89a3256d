/* Who is typing in a room, and telling the room that one is typing oneself. */

import { Emitter } from "../lib/emitter.js";

const TELL_EVERY_SECONDS = 3;
const GONE_AFTER_SECONDS = 5;

/** The others. Tells "changed". `later(step, seconds)` gives a function that calls it off. */
export class Typists extends Emitter {
  #callOff = new Map();

  constructor(later) {
    super();
    this.later = later;
  }

  get names() {
    return [...this.#callOff.keys()];
  }

  typed(name) {
    this.#callOff.get(name)?.();
    const isNew = !this.#callOff.has(name);
    this.#callOff.set(name, this.later(() => this.stopped(name), GONE_AFTER_SECONDS));
    if (isNew) this.tell("changed");
  }

  /** They sent it, or went, or thought better of it. */
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
  #told = new Map();

  constructor(now) {
    this.now = now;
  }

  isDue(room) {
    const now = this.now().getTime();
    if (now - (this.#told.get(room) ?? -Infinity) < TELL_EVERY_SECONDS * 1000) return false;
    this.#told.set(room, now);
    return true;
  }

  /** The message is sent; the next key press is news again. */
  sent(room) {
    this.#told.delete(room);
  }
}
