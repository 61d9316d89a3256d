/* The messages of one room that are on the page: a stretch of its history that ends at the head.

   Every event of a room has a seq, 1, 2, 3 … without a hole, so nothing can be missed or doubled
   without being noticed: an event up to the head is known, the one after the head is applied,
   and one beyond it waits in `#ahead` while "gap" tells that the ones between must be fetched.

   Tells "changed" {kind}: "appended" and "prepended" with the messages, "reset", "trimmed". */

import { Emitter } from "../lib/emitter.js";

export class Timeline extends Emitter {
  messages = [];
  moreBefore = false;
  #ahead = new Map();

  constructor({ epoch, head, messages = [], moreBefore = false }) {
    super();
    this.#begin({ epoch, head, messages, moreBefore });
  }

  /** Takes events that came live, by catch-up, or as the ack of an own message. */
  receive(events) {
    for (const event of events) if (event.seq > this.head) this.#ahead.set(event.seq, event);
    this.#applyWhatFollows();
    if (this.#ahead.size > 0) this.tell("gap");
  }

  /** Puts an older page before what is there. */
  prepend(messages, moreBefore) {
    const first = this.messages[0]?.seq ?? Infinity;
    const older = messages.filter((message) => message.seq < first);
    this.messages.unshift(...older);
    this.moreBefore = moreBefore;
    this.tell("changed", { kind: "prepended", messages: older });
  }

  /** Begins again with the newest page: too much was missed, or the numbers mean others now. */
  reset(start) {
    this.#ahead.clear();
    this.#begin(start);
    this.tell("changed", { kind: "reset" });
  }

  /** Lets go of the oldest messages; they can be loaded again. */
  trim(keep) {
    if (this.messages.length <= keep) return;
    this.messages.splice(0, this.messages.length - keep);
    this.moreBefore = true;
    this.tell("changed", { kind: "trimmed" });
  }

  /** Where to ask for older ones. */
  get oldest() {
    return this.messages[0]?.seq ?? this.head + 1;
  }

  #begin({ epoch, head, messages, moreBefore }) {
    this.epoch = epoch;
    this.messages = [...messages];
    this.moreBefore = moreBefore;
    this.head = Math.max(head, messages.at(-1)?.seq ?? 0);
  }

  #applyWhatFollows() {
    const added = [];
    for (let event; (event = this.#ahead.get(this.head + 1)); ) {
      this.#ahead.delete(event.seq);
      this.head = event.seq;
      if ((event.type ?? "message") === "message") added.push(event);
    }
    if (added.length === 0) return;
    this.messages.push(...added);
    this.tell("changed", { kind: "appended", messages: added });
  }
}
