/* What the text that one writes is for, room by room: an answer to a message, or another text for one
   of one's own. Kept over a reload, for this tab alone: two tabs may answer different messages. */

/** @import { Memory } from "../../lib/storage/memory.js" */
/** @import { Message } from "../../types.js" */

/** That of a change has the changed text, which is no draft.
    @typedef {{ kind: "reply" | "edit", message: Pick<Message, "seq" | "sender" | "text" | "files">, text: string }} Aim */

export class Aims {
  /** @type {Map<string, Aim>} by the names of rooms */
  #aims = new Map();
  #start;

  /** @param {{ memory: Memory, me: string }} parts */
  constructor({ memory, me }) {
    this.memory = memory;
    this.#start = `aim.${me}.`;
    for (const [name, aim] of memory.entries(this.#start)) this.#aims.set(name.slice(this.#start.length), aim);
  }

  /** @param {string} room */
  of(room) {
    return this.#aims.get(room);
  }

  /** @param {string} room @param {Aim} aim */
  take(room, { kind, message: { seq, sender, text: original, files }, text }) {
    const aim = { kind, message: { seq, sender, text: original, files }, text };
    this.#aims.set(room, aim);
    this.memory.put(this.#start + room, aim);
  }

  /** @param {string} room @param {string} text */
  write(room, text) {
    const aim = this.#aims.get(room);
    if (aim) this.take(room, { ...aim, text });
  }

  /** @param {string} room */
  drop(room) {
    this.#aims.delete(room);
    this.memory.forget(this.#start + room);
  }
}
