/* What comes live between two frames is one change: a busy room is drawn once, not each time. */

/** @import { LoggedEvent } from "../../types.js" */

const EVENTS_A_FRAME = 4;

export class Gathering {
  /** @type {LoggedEvent[]} */
  #events = [];

  /** `soon(step)` is when the next frame is drawn; `take(room, events)` gets what came in a room.
      @param {{ soon: (step: () => void) => void, take: (room: string, events: LoggedEvent[]) => void }} parts */
  constructor({ soon, take }) {
    this.soon = soon;
    this.take = take;
  }

  /** @param {LoggedEvent} event */
  add(event) {
    this.#events.push(event);
    if (this.#events.length === 1) this.soon(() => this.#takeSome());
  }

  /** Now: something is to happen behind what came before it. */
  takeAll() {
    this.#take(Infinity);
  }

  /** No more than can be drawn in a frame, or the page would stand still until all of it is; but
      of a flood so much that it does not grow. */
  #takeSome() {
    this.#take(Math.max(EVENTS_A_FRAME, Math.ceil(this.#events.length / EVENTS_A_FRAME)));
    if (this.#events.length > 0) this.soon(() => this.#takeSome());
  }

  /** @param {number} most */
  #take(most) {
    const taken = this.#events.splice(0, most);
    for (const name of new Set(taken.map(({ room }) => room))) {
      this.take(name, taken.filter(({ room }) => room === name));
    }
  }
}
