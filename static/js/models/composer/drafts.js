/* What one has begun to write, a text for each room, the same in all tabs of this browser.

   Tells "changed" {room} of what another tab did, and once what was kept has been read. */

import { Emitter } from "../../lib/browser/emitter.js";

/** @import { Memory } from "../../lib/storage/memory.js" */
/** @import { Shelf } from "../../lib/storage/shelf.js" */

/** @extends {Emitter<{ changed: { room: string } }>} */
export class Drafts extends Emitter {
  /** In `memory` is what earlier versions of the page kept.
      @param {{me: string, shelf: Shelf, memory: Memory}} parts */
  constructor({ me, shelf, memory }) {
    super();
    this.start = `${me}\n`;
    this.shelf = shelf;
    shelf.on("changed", ({ key }) => this.#changed(key));
    this.ready = this.#begin(memory, `draft.${me}.`);
  }

  /** @param {string} room */
  of(room) {
    return this.shelf.get(this.start + room) ?? "";
  }

  /** @param {string} room @param {string} text */
  keep(room, text) {
    if (text) this.shelf.put(this.start + room, text);
    else this.shelf.forget(this.start + room);
  }

  /** @param {Memory} memory @param {string} start */
  async #begin(memory, start) {
    for (const [name, text] of memory.entries(start)) {
      if (await this.shelf.put(this.start + name.slice(start.length), text)) memory.forget(name);
    }
    await this.shelf.load();
    for (const [key] of this.shelf.all) this.#changed(key);
  }

  /** @param {string} key */
  #changed(key) {
    if (key.startsWith(this.start)) this.tell("changed", { room: key.slice(this.start.length) });
  }
}
