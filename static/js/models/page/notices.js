/* Which messages are worth disturbing somebody who does not look at them, and how. */

import { Emitter } from "../../lib/browser/emitter.js";

/** @import { Memory } from "../../lib/storage/memory.js" */

/** How somebody wants to be told: by a sound, by a notice of the browser, which the browser has to allow.
    Tells "changed".
    @extends {Emitter<{ changed: void }>} */
export class Wishes extends Emitter {
  /** `permission()` is what the browser says of notices: "granted", "denied", "default" until somebody
      was asked, and undefined where it has none.
      @param {{ memory: Memory, me: string, permission?: () => string | undefined }} parts */
  constructor({ memory, me, permission = () => globalThis.Notification?.permission }) {
    super();
    this.memory = memory;
    this.me = me;
    this.permission = permission;
  }

  /** Whether notices are wanted and come. */
  get notifies() {
    return this.notices && this.permission() === "granted";
  }

  /** Whether somebody who wants notices gets none. */
  get areRefused() {
    return this.notices && this.permission() !== "granted";
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
    return this.sound || this.notifies;
  }

  /** Whether to offer notices, which one does once: nobody has decided about them, here or in the browser. */
  get mayBeOffered() {
    return !this.any && this.permission() === "default" && !this.memory.get(`offered.${this.me}`, false);
  }

  wereOffered() {
    this.memory.put(`offered.${this.me}`, true);
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
