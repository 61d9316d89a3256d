/* A thread that is open: its root, and a window on its replies that grows towards the older ones, and ends
   at the newest one but for the time in which one looks further back. It is loaded with what shows it.

   Its mark is its own: what is read in the room is not read here.

   Tells "changed" {kind, messages}: "appended", "folded" (others in the place of what was there), "prepended"
   and "reset"; and "sought" {seq}. */

import { Emitter } from "../../lib/browser/emitter.js";
import { erased, fold } from "../../lib/messages/folding.js";
import { ignoreUnanswered } from "../refused.js";

/** @import { LoggedEvent, Message, RoomEvent } from "../../types.js" */
/** @import { Chat } from "../chat.js" */
/** @import { Room } from "../rooms/room.js" */

const PAGE_SIZE = 30;
const AT_MOST = 200; // of what the server answers
const TELL_EVERY_SECONDS = 0.5;

/** @extends {Emitter<{ changed: { kind: string, messages: Message[] }, sought: { seq: number } }>} */
export class Thread extends Emitter {
  /** @type {Message | null} */
  root = null;
  /** @type {Message[]} replies, oldest first */
  messages = [];
  moreBefore = false;
  moreAfter = false;
  isLoaded = false;
  /** @type {number | null} where the line of what is new stands */
  line = null;
  #told = 0; // up to where the server knows that it was read
  #isTelling = false;

  /** @param {Chat} chat @param {Room} room @param {number} seq of the root */
  constructor(chat, room, seq) {
    super();
    this.chat = chat;
    this.room = room;
    this.seq = seq;
  }

  // Loading; all of it throws Refused or Lost

  /** Begins at the newest replies, or around one of them.
      @param {number} [at] @param {number} [limit] how many; as many as there were, or a page */
  async begin(at, limit = Math.max(this.messages.length, PAGE_SIZE)) {
    const { chat, room, seq } = this;
    const root = room.timeline?.find(seq) ?? (await chat.history.original(room, seq));
    const where = at && at !== seq ? { around: at } : {};
    const { messages, more } = await chat.history.page(room, { thread: seq, limit: Math.min(limit, AT_MOST), ...where });
    this.root = root;
    this.messages = messages;
    this.moreBefore = more.before;
    this.moreAfter = more.after;
    this.#drawLine();
    this.isLoaded = true;
    this.#tell("reset", messages);
    if (at) this.tell("sought", { seq: at });
  }

  async older() {
    const before = this.messages[0]?.seq;
    if (!this.moreBefore || !before) return;
    const { messages, more } = await this.chat.history.page(this.room, { thread: this.seq, before });
    if (this.messages[0]?.seq !== before) return;
    this.messages.unshift(...messages);
    this.moreBefore = more.before;
    this.#tell("prepended", messages);
  }

  async newer() {
    const after = this.messages.at(-1)?.seq;
    if (!this.moreAfter || !after) return;
    const { messages, more } = await this.chat.history.page(this.room, { thread: this.seq, after });
    if (this.messages.at(-1)?.seq !== after) return;
    this.messages.push(...messages);
    this.moreAfter = more.after;
    this.#tell("appended", messages);
  }

  // What happens

  /** Events of the room, in their order; some may have come before.
      @param {LoggedEvent[]} events */
  receive(events) {
    if (!this.isLoaded) return;
    if (events.some(({ system }) => system?.what === "moved" && system.room === undefined)) return void this.begin().catch(ignoreUnanswered);
    const newest = this.messages.at(-1)?.seq ?? this.seq;
    const came = events.filter(({ type = "message", thread, seq }) => type === "message" && thread === this.seq && seq > newest);
    const added = this.moreAfter ? [] : /** @type {Message[]} */ (came);
    this.messages.push(...added);
    this.#tell("appended", added);
    const changed = events.filter(({ type = "message" }) => type !== "message").map((event) => this.#fold(event));
    this.#tell("folded", changed.filter((message) => message !== null));
  }

  /** What is going to happen, before the log has it.
      @param {RoomEvent} event */
  foresee(event) {
    const folded = this.#fold(event);
    if (folded) this.#tell("folded", [folded]);
  }

  /** @param {number[]} seqs @param {string} at */
  erase(seqs, at) {
    for (const message of this.messages.filter(({ seq }) => seqs.includes(seq))) this.#put(erased(message, at));
    this.#tell("folded", this.messages.filter(({ seq }) => seqs.includes(seq)));
  }

  /** @param {number} seq @returns {Message | undefined} */
  find(seq) {
    return seq === this.seq ? (this.root ?? undefined) : this.messages.find((message) => message.seq === seq);
  }

  // What is read

  /** Its end stands before the reader's eyes. */
  saw() {
    const newest = this.messages.at(-1)?.seq ?? 0;
    if (this.moreAfter || newest <= this.#told) return;
    this.#told = newest;
    if (this.root && this.chat.threads.markOf(this.room.name, this.root).unread > 0) this.#telling();
  }

  async #telling() {
    if (this.#isTelling) return;
    this.#isTelling = true;
    const told = this.#told;
    try {
      const { name: room } = this.room;
      const { read } = await this.chat.connection.request("read", { room, seq: told, thread: this.seq });
      this.chat.threads.take(/** @type {import("../../types.js").ThreadMark} */ (read));
    } catch (error) {
      ignoreUnanswered(error); // Whoever comes online again reads the marks anew.
    }
    this.chat.later(() => {
      this.#isTelling = false;
      const newest = this.messages.at(-1)?.seq ?? 0;
      if (this.#told === newest && this.#told > told) this.#telling();
    }, TELL_EVERY_SECONDS);
  }

  /** Before the first reply of others that is new, unless one has seen it come. */
  #drawLine() {
    const { unread } = this.root ? this.chat.threads.markOf(this.room.name, this.root) : { unread: 0 };
    const others = this.messages.filter(({ sender, system }) => sender !== this.chat.me && !system);
    this.line = unread > 0 ? (others.at(-unread)?.seq ?? others[0]?.seq ?? null) : null;
  }

  /** @param {RoomEvent} event */
  #fold(event) {
    const message = event.target ? this.find(event.target) : undefined;
    if (!message) return null;
    const folded = fold(message, event);
    this.#put(folded);
    return folded === message ? null : folded;
  }

  /** @param {Message} message */
  #put(message) {
    if (message.seq === this.seq) this.root = message;
    else this.messages = this.messages.map((each) => (each.seq === message.seq ? message : each));
  }

  /** @param {string} kind @param {Message[]} messages */
  #tell(kind, messages) {
    if (messages.length > 0 || kind === "reset") this.tell("changed", { kind, messages });
  }
}
