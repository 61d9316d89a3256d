/* What is pinned in a room, the one that was pinned last first, in pages.

   `state`: "loading", "done", "failed" with `problem`. `after`: where the next page begins, null after the
   last one. Tells "changed". */

import { Emitter } from "../../lib/browser/emitter.js";
import { ignoreUnanswered } from "../refused.js";

/** @import { Connection } from "../../types.js" */
/** @import { PinnedMessage } from "../../wire.js" */
/** @import { Chat } from "../chat.js" */
/** @import { Room } from "./room.js" */

/** @extends {Emitter<{ changed: void }>} */
export class Pins extends Emitter {
  /** @type {PinnedMessage[]} */
  found = [];
  /** @type {string | null} */
  after = null;
  /** @type {"loading" | "done" | "failed"} */
  state = "loading";
  /** @type {string} */
  problem = "";
  #turn = 0;

  /** @param {Connection} connection @param {Room} room */
  constructor(connection, room) {
    super();
    this.connection = connection;
    this.room = room;
  }

  /** The first page, or another one behind what is there. */
  async load({ after = /** @type {string | null} */ (null) } = {}) {
    const turn = (this.#turn += 1);
    this.state = "loading";
    this.tell("changed");
    try {
      const page = await this.connection.request("pins", { room: this.room.name, ...(after && { after }) });
      if (turn !== this.#turn) return;
      this.found = after ? [...this.found, ...page.pins] : page.pins;
      Object.assign(this, { after: page.after, state: "done" });
    } catch (error) {
      ignoreUnanswered(error);
      if (turn !== this.#turn) return;
      Object.assign(this, { state: "failed", problem: error.message });
    }
    this.tell("changed");
  }

  /** @param {number} seq @param {boolean} on */
  async pin(seq, on) {
    await this.connection.request("pin", { room: this.room.name, seq, on });
  }
}

/** Whether one may pin messages of a room, and unpin them: chatapp/domain/rights.py decides.
    @param {Room} room @param {Chat} chat */
export function mayPin({ kind, joined, archived, readOnly, mayChange, facts }, { isGuest }) {
  if (isGuest || archived || !joined) return false;
  return kind === "direct" || mayChange || (facts.pinning !== "admins" && !readOnly);
}
