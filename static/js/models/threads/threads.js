/* What one follows of the threads of all rooms, and how much of each is new: a mark of its own for each,
   besides that of the room. Whatever is shown of them is in models/threads/thread.js, which is loaded later.

   The server counts the threads with something new; which those are is asked once, when somebody answers in
   a thread of which this page does not know whether one follows it.

   Tells "changed" {room, thread} of one, and "count". */

import { calls } from "../../lib/text/tokens.js";
import { Emitter } from "../../lib/browser/emitter.js";
import { ignoreUnanswered } from "../refused.js";

/** @import { LoggedEvent, Message, ThreadMark } from "../../types.js" */
/** @import { Chat } from "../chat.js" */
/** @import { Room } from "../rooms/room.js" */

const PAGE_SIZE = 50;
const ASK_WITHIN_SECONDS = 3; // Many hear the same reply.

/** @extends {Emitter<{ changed: { room: string, thread: number }, count: void }>} */
export class Threads extends Emitter {
  /** with something new, as the server has counted them */
  count = 0;
  /** @type {Map<string, ThreadMark>} by room and root */
  #marks = new Map();
  #isKnown = false; // whether those that one follows are all among them
  #isDue = false;

  /** @param {Chat} chat */
  constructor(chat) {
    super();
    this.chat = chat;
  }

  /** One has come online: much may have happened.
      @param {number} count */
  begin(count) {
    this.#setCount(count);
    if (this.#isKnown || this.#marks.size > 0) this.#askSoon();
  }

  /** How one stands to a thread.
      @param {string} room @param {Pick<Message, "seq" | "replies">} root @returns {Pick<ThreadMark, "unread" | "following">} */
  markOf(room, { seq, replies }) {
    return this.#marks.get(keyOf(room, seq)) ?? { unread: replies?.unread ?? 0, following: replies?.following ?? false };
  }

  /** What the server says, or another device has done.
      @param {ThreadMark} mark */
  take(mark) {
    const key = keyOf(mark.room, mark.thread);
    const isNew = mark.unread > 0 && mark.following;
    const wasNew = this.#isNew(key, mark);
    this.#marks.set(key, mark);
    if (isNew !== wasNew) this.#setCount(this.count + (isNew ? 1 : -1));
    this.tell("changed", { room: mark.room, thread: mark.thread });
  }

  /** Throws Refused or Lost.
      @param {string} room @param {number} thread @param {boolean} on */
  async follow(room, thread, on) {
    this.take((await this.chat.connection.request("follow", { room, thread, on })).thread);
  }

  /** Gives it a title, or takes it off with ""; throws Refused or Lost.
      @param {string} room @param {number} thread @param {string} title */
  async name(room, thread, title) {
    await this.chat.connection.request("title", { room, thread, title });
  }

  /** Replies that others have heard too, before the timeline has them.
      @param {Room} room @param {LoggedEvent[]} events */
  hear(room, events) {
    for (const event of events) {
      const isReply = event.thread && (event.type ?? "message") === "message" && !event.system && event.seq > room.head;
      if (isReply) this.#hearOne(room, event, event.thread ?? 0);
    }
  }

  /** That one follows it from now on, the server says itself.
      @param {Room} room @param {LoggedEvent} event @param {number} thread */
  #hearOne(room, { sender, text }, thread) {
    const { me, people } = this.chat;
    if (sender === me) return;
    const root = room.timeline?.find(thread);
    const known = this.#marks.get(keyOf(room.name, thread)) ?? (root && this.#of(room, root));
    if (!known && !this.#isKnown) return this.#askSoon();
    if (!known?.following) return;
    const mentions = known.mentions + Number(calls(text ?? "", me, people.mentionable));
    this.take({ ...known, unread: known.unread + 1, mentions });
  }

  /** @param {Room} room @param {Message} root @returns {ThreadMark} */
  #of(room, root) {
    return { room: room.name, thread: root.seq, read: null, mentions: 0, ...this.markOf(room.name, root) };
  }

  /** Whether it was among those that are counted.
      @param {string} key @param {ThreadMark} mark */
  #isNew(key, { room, thread }) {
    const known = this.#marks.get(key);
    const root = this.chat.rooms.get(room)?.timeline?.find(thread);
    const { unread, following } = known ?? (root ? this.markOf(room, root) : { unread: 0, following: false });
    return unread > 0 && following;
  }

  #askSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    this.chat.later(() => {
      this.#isDue = false;
      this.#ask().catch(ignoreUnanswered); // Coming online asks again.
    }, Math.random() * ASK_WITHIN_SECONDS);
  }

  /** All that one follows. */
  async #ask() {
    /** @type {Map<string, ThreadMark>} */
    const marks = new Map();
    /** @type {string | null | undefined} */
    let after;
    do {
      /** @type {import("../../types.js").Requests["threads"][1]} */
      const page = await this.chat.connection.request("threads", { limit: PAGE_SIZE, ...(after && { after }) });
      for (const { room, thread, read, unread, mentions, following } of page.threads) {
        marks.set(keyOf(room, thread), { room, thread, read, unread, mentions, following });
      }
      after = page.after;
    } while (after);
    const before = this.#marks;
    this.#marks = marks;
    this.#isKnown = true;
    for (const [key, mark] of before) if (!marks.has(key)) marks.set(key, { ...mark, unread: 0, following: false });
    for (const { room, thread } of marks.values()) this.tell("changed", { room, thread });
    this.#setCount([...marks.values()].filter(({ unread, following }) => following && unread > 0).length);
  }

  /** @param {number} count */
  #setCount(count) {
    if (count === this.count) return;
    this.count = Math.max(count, 0);
    this.tell("count");
  }
}

/** @param {string} room @param {number} thread */
function keyOf(room, thread) {
  return `${room} ${thread}`;
}
