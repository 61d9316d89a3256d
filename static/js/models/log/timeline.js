/* The messages of one room that are on the page: a window on its history. It ends at the newest
   message, or, with `moreAfter`, somewhere further back.

   Every event of a room has a seq, 1, 2, 3 … without a hole, so nothing can be missed or doubled
   without being noticed: an event up to the head is known, the one after the head is applied,
   and one beyond it waits in `#ahead` while "gap" tells that the ones between must be fetched.
   The head goes on while one reads further back; what is said then is not shown, but told.

   Replies in threads are events of the room, and are not shown in it unless their writer wanted that: they
   change the message that they answer.

   A message is a value: what happens to it later puts another one into its place.

   Tells "changed" {kind, messages}: "appended" (new ones at the end), "missed" (new ones beyond
   the window), "folded" (others in the place of what was there), "prepended" and "extended"
   (loaded before and after); and without messages "reset", "trimmed" (before), "cut" (after), "read"
   (the same part of the room, read anew). "moved": which messages are shown has changed. */

import { Emitter } from "../../lib/browser/emitter.js";
import { erased, fold, replied } from "../../lib/messages/folding.js";

/** @import { LoggedEvent, Message, RoomEvent } from "../../types.js" */

/** What a timeline begins with.
    @typedef {{ epoch: string, head: number, messages?: Message[], moreBefore?: boolean, moreAfter?: boolean }} Page */

/** @extends {Emitter<{ changed: { kind: string, messages?: Message[] }, gap: void, moved: void }>} */
export class Timeline extends Emitter {
  /** @type {string} */
  epoch;
  /** @type {number} the seq of the newest event that is known */
  head;
  /** @type {Message[]} oldest first */
  messages = [];
  moreBefore = false;
  moreAfter = false;
  /** @type {Map<number, LoggedEvent>} */
  #ahead = new Map();

  /** @param {Page} start */
  constructor(start) {
    super();
    this.#begin(start);
  }

  /** Takes events that came live, by catch-up, or as the ack of what one did oneself.
      @param {LoggedEvent[]} events */
  receive(events) {
    for (const event of events) if (event.seq > this.head) this.#ahead.set(event.seq, event);
    this.#applyWhatFollows();
    if (this.#ahead.size > 0) this.tell("gap");
  }

  /** Shows what is going to happen before the log has it: an event that has no seq yet.
      @param {RoomEvent} event */
  foresee(event) {
    const folded = this.#fold(event);
    if (folded) this.tell("changed", { kind: "folded", messages: [folded] });
  }

  /** The texts of these messages were erased for good; who was away reads all anew, by the epoch.
      @param {{ epoch: string, at: string, seqs: number[] }} news */
  erase({ epoch, at, seqs }) {
    const gone = [];
    for (const index of seqs.map((seq) => this.#indexOf(seq)).filter((index) => index >= 0)) {
      gone.push((this.messages[index] = erased(this.messages[index], at)));
    }
    this.epoch = epoch;
    this.#tellOf("folded", gone);
  }

  /** Puts an older page before what is there.
      @param {Message[]} messages @param {boolean} moreBefore */
  prepend(messages, moreBefore) {
    const older = messages.filter((message) => message.seq < this.oldest);
    this.messages.unshift(...older);
    this.moreBefore = moreBefore;
    this.tell("changed", { kind: "prepended", messages: older });
  }

  /** Puts a newer page behind what is there.
      @param {Message[]} messages @param {boolean} moreAfter */
  extend(messages, moreAfter) {
    const newer = messages.filter((message) => message.seq > this.newest);
    this.messages.push(...newer);
    this.moreAfter = moreAfter;
    this.tell("changed", { kind: "extended", messages: newer });
  }

  /** The same part of the room, with other messages in it: some have been moved.
      @param {Message[]} messages as of now, or later */
  readAnew(messages) {
    const { newest, head } = this;
    const end = this.moreAfter ? newest : head;
    this.messages = messages.filter(({ seq }) => seq <= end);
    this.tell("changed", { kind: "read" });
  }

  /** Begins again with another page: too much was missed, one goes elsewhere, or the numbers
      mean others now.
      @param {Page} start */
  reset(start) {
    if (start.epoch !== this.epoch) this.#ahead.clear();
    this.#begin(start);
    this.tell("changed", { kind: "reset" });
    this.receive([]);
  }

  /** Lets go of the oldest messages; they can be loaded again.
      @param {number} keep */
  trim(keep) {
    if (this.messages.length <= keep) return;
    this.messages.splice(0, this.messages.length - keep);
    this.moreBefore = true;
    this.tell("changed", { kind: "trimmed" });
  }

  /** Lets go of the newest messages, while one reads further back.
      @param {number} keep */
  cut(keep) {
    if (this.messages.length <= keep) return;
    this.messages.length = keep;
    this.moreAfter = true;
    this.tell("changed", { kind: "cut" });
  }

  /** @param {number} seq @returns {Message | undefined} */
  find(seq) {
    return this.messages[this.#indexOf(seq)];
  }

  /** Where to ask for older ones. */
  get oldest() {
    return this.messages[0]?.seq ?? this.head + 1;
  }

  /** Where to ask for newer ones. */
  get newest() {
    return this.messages.at(-1)?.seq ?? 0;
  }

  /** @param {Page} start */
  #begin({ epoch, head, messages = [], moreBefore = false, moreAfter = false }) {
    this.epoch = epoch;
    this.messages = [...messages];
    this.moreBefore = moreBefore;
    this.moreAfter = moreAfter;
    this.head = Math.max(head, this.newest);
    for (const seq of this.#ahead.keys()) if (seq <= this.head) this.#ahead.delete(seq);
  }

  #applyWhatFollows() {
    /** @type {Message[]} */
    const came = [];
    /** @type {Set<number | undefined>} */
    const changed = new Set();
    const known = this.messages.length;
    let isMoved = false;
    for (let event = this.#next; event; event = this.#next) {
      this.#ahead.delete(event.seq);
      this.head = event.seq;
      isMoved ||= event.system?.what === "moved" && event.system.room === undefined;
      if (event.thread) changed.add(this.#reply(event));
      if ((event.type ?? "message") !== "message") changed.add(this.#fold(event)?.seq);
      else if (event.thread && !event.also_to_room) continue;
      else if (this.moreAfter) came.push(said(event));
      else if (event.seq > this.newest) this.messages.push(said(event));
    }
    if (isMoved) this.tell("moved");
    this.#tellOf("appended", this.messages.slice(known));
    this.#tellOf("missed", came);
    this.#tellOf("folded", this.messages.slice(0, known).filter(({ seq }) => changed.has(seq)));
  }

  /** @returns {LoggedEvent | undefined} */
  get #next() {
    return this.#ahead.get(this.head + 1);
  }

  /** @param {string} kind @param {Message[]} messages */
  #tellOf(kind, messages) {
    if (messages.length > 0) this.tell("changed", { kind, messages });
  }

  /** The message that the event made, if it changes one that is here.
      @param {RoomEvent} event */
  #fold(event) {
    const index = this.#indexOf(event.target);
    const message = this.messages[index];
    if (!message) return null;
    const folded = fold(message, event);
    this.messages[index] = folded;
    return folded === message ? null : folded;
  }

  /** The seq of the root that has one reply more, if it is here.
      @param {LoggedEvent} event */
  #reply(event) {
    const index = this.#indexOf(event.thread);
    if (index < 0) return undefined;
    this.messages[index] = replied(this.messages[index], event);
    return event.thread;
  }

  /** -1 if it is not here. They stand in the order of their seqs.
      @param {number | undefined} seq */
  #indexOf(seq) {
    if (seq === undefined) return -1;
    let [low, high] = [0, this.messages.length - 1];
    while (low <= high) {
      const middle = (low + high) >> 1;
      const found = this.messages[middle].seq;
      if (found === seq) return middle;
      if (found < seq) low = middle + 1;
      else high = middle - 1;
    }
    return -1;
  }
}

/** An event that is a message always has a text.
    @param {LoggedEvent} event @returns {Message} */
function said(event) {
  return /** @type {Message} */ (event);
}
