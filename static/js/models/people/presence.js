/* What one is doing, as others see it: awake, idle or away by the signs of life that one gives,
   or busy, because one said so. Tells "changed", and the server. */

import { Emitter } from "../../lib/browser/emitter.js";
import { ignoreUnanswered } from "../refused.js";

/** @import { Memory } from "../../lib/storage/memory.js" */
/** @import { Connection, Now, State } from "../../types.js" */

const MINUTE = 60_000;
const PATIENCE = {
  seen: { idle: 5 * MINUTE, away: 30 * MINUTE },
  hidden: { idle: MINUTE, away: 10 * MINUTE }, // nobody looks at the tab
};

/** @extends {Emitter<{ changed: void }>} */
export class OwnPresence extends Emitter {
  /** @type {State} */
  state = "online";
  /** @type {State} */
  #told = "online"; // what a new connection is taken for
  #isVisible = true;

  /** @param {{ connection: Connection, memory: Memory, me: string, now: Now }} parts */
  constructor({ connection, memory, me, now }) {
    super();
    this.connection = connection;
    this.memory = memory;
    this.me = me;
    this.now = now;
    this.lastSign = now().getTime();
    connection.on("online", () => this.#connected());
    this.look();
  }

  get isBusy() {
    return this.memory.get(this.#key, false);
  }

  set isBusy(isBusy) {
    this.memory.put(this.#key, isBusy);
    this.look();
  }

  /** A key, a touch, a move of the mouse. */
  stir() {
    this.lastSign = this.now().getTime();
    this.look();
  }

  /** @param {boolean} isVisible */
  show(isVisible) {
    this.#isVisible = isVisible;
    this.stir();
  }

  /** Time has passed. */
  look() {
    const state = this.isBusy ? "busy" : this.#byTheClock();
    if (state !== this.state) {
      this.state = state;
      this.tell("changed");
    }
    this.#tellServer();
  }

  /** @returns {State} */
  #byTheClock() {
    const quiet = this.now().getTime() - this.lastSign;
    const { idle, away } = this.#isVisible ? PATIENCE.seen : PATIENCE.hidden;
    if (quiet >= away) return "away";
    return quiet >= idle ? "idle" : "online";
  }

  #connected() {
    this.#told = "online";
    this.#tellServer();
  }

  async #tellServer() {
    if (this.state === this.#told) return;
    const before = this.#told;
    this.#told = this.state;
    try {
      await this.connection.request("status", { state: this.state });
    } catch (error) {
      ignoreUnanswered(error);
      this.#told = before; // Told again with the next connection, or the next sign of life.
    }
  }

  get #key() {
    return `busy.${this.me}`;
  }
}
