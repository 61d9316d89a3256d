/* Which messages are worth disturbing somebody who does not look at them, and how. */

import { calls } from "../lib/calls.js";
import { Emitter } from "../lib/emitter.js";

/** @import { Memory } from "../lib/memory.js" */
/** @import { Message } from "../types.js" */
/** @import { Room } from "./room.js" */

/** `isBusy`: wants to be left alone; `isLooking`: has this room before their eyes.
    @param {{ room: Room, message: Message, me: string, isBusy: boolean, isLooking: boolean }} news */
export function isWorthTelling({ room, message, me, isBusy, isLooking }) {
  if (isBusy || isLooking || message.sender === me || room.level === "nothing") return false;
  return room.level === "all" || calls(message.text, me);
}

/** How somebody wants to be told: by a sound, by a notice of the browser. Tells "changed".
    @extends {Emitter<{ changed: void }>} */
export class Wishes extends Emitter {
  /** @param {{ memory: Memory, me: string }} parts */
  constructor({ memory, me }) {
    super();
    this.memory = memory;
    this.me = me;
  }

  /** @returns {boolean} */
  get sound() {
    return this.#get("sound");
  }

  set sound(isWanted) {
    this.#set("sound", isWanted);
  }

  /** @returns {boolean} */
  get notices() {
    return this.#get("notices");
  }

  set notices(isWanted) {
    this.#set("notices", isWanted);
  }

  get any() {
    return this.sound || this.notices;
  }

  /** @param {string} what */
  #get(what) {
    const both = this.memory.get(`bell.${this.me}`, false); // One switch for both, in an earlier page.
    return this.memory.get(`${what}.${this.me}`, both);
  }

  /** @param {string} what @param {boolean} isWanted */
  #set(what, isWanted) {
    this.memory.put(`${what}.${this.me}`, isWanted);
    this.tell("changed");
  }
}
