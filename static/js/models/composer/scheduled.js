/* One's scheduled messages, of all rooms, by time: the server sends them, also while no page is open.
   Loaded later.

   Tells "changed", and "refused" {entry} of one that could not be sent when its time had come. */

import { Emitter } from "../../lib/browser/emitter.js";
import { ignoreUnanswered } from "../refused.js";

/** @import { Connection } from "../../types.js" */
/** @import { Schedule, Scheduled as Entry, ScheduledChange } from "../../wire.js" */

/** @extends {Emitter<{ changed: void, refused: { entry: Entry } }>} */
export class Scheduled extends Emitter {
  /** @type {Entry[]} */
  entries = [];

  /** @param {Connection} connection */
  constructor(connection) {
    super();
    this.connection = connection;
    connection.on("online", () => this.#learn());
    connection.on("event", ({ name, payload }) => name === "scheduled" && this.#hear(payload));
    this.#learn();
  }

  /** @param {string} room */
  of(room) {
    return this.entries.filter((entry) => entry.room === room);
  }

  /** Writes one or, with its id, changes it. Throws Refused or Lost.
      @param {Partial<Schedule>} wanted */
  async schedule(wanted) {
    const { scheduled } = await this.connection.request("schedule", /** @type {Schedule} */ (wanted));
    this.#take(scheduled);
    return scheduled;
  }

  /** Throws Refused or Lost.
      @param {string} id */
  async cancel(id) {
    await this.connection.request("unschedule", { id });
    this.#drop(id);
  }

  async #learn() {
    try {
      this.entries = (await this.connection.request("scheduled", {})).scheduled;
      this.tell("changed");
    } catch (error) {
      ignoreUnanswered(error); // Coming online asks again.
    }
  }

  /** @param {ScheduledChange} change */
  #hear({ id, gone, scheduled }) {
    if (scheduled) this.#take(scheduled);
    else this.#drop(id);
    if (gone === "refused" && scheduled) this.tell("refused", { entry: scheduled });
  }

  /** @param {Entry} entry */
  #take(entry) {
    const others = this.entries.filter(({ id }) => id !== entry.id);
    this.entries = [...others, entry].toSorted((one, other) => (one.at < other.at ? -1 : 1));
    this.tell("changed");
  }

  /** @param {string} id */
  #drop(id) {
    this.entries = this.entries.filter((entry) => entry.id !== id);
    this.tell("changed");
  }
}
