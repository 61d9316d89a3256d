/* What was written and is not in the log yet.

   An item has a `cid` for life: the server stores one message for it, however often it is sent,
   so whatever got no answer is simply sent again. One item is under way at a time; that keeps
   their order, also when the first is told to wait. Each is kept in the browser's memory
   under a name of its own, so that two tabs do not overwrite each other's.

     waiting   for a connection, or for the server to be ready; `reason` says which
     sending   under way
     failed    refused for what it is; only its writer can do something about it

   Tells "changed" {item}, "sent" {item, message} and "gone" {item}. */

import { Emitter } from "../lib/emitter.js";
import { Lost, Refused } from "./refused.js";

/** @import { Memory } from "../lib/memory.js" */
/** @import { Item, Message, Now } from "../types.js" */

const PASSES = new Set(["rate_limited", "read_only", "unavailable"]);
const ASK_AGAIN_SECONDS = 5;

/** @extends {Emitter<{ changed: { item: Item }, sent: { item: Item, message: Message }, gone: { item: Item } }>} */
export class Outbox extends Emitter {
  /** @type {Item[]} */
  #items = [];
  #online = false;
  #draining = false;

  /** `post(item)` gives the stored message or throws Refused or Lost; `pause(seconds)` waits.
      @param {{
        sender: string, memory: Memory, newId: () => string, now: Now,
        post: (item: Item) => Promise<Message>, pause: (seconds: number) => Promise<void>,
      }} parts */
  constructor({ sender, post, memory, newId, now, pause }) {
    super();
    this.sender = sender;
    this.post = post;
    this.memory = memory;
    this.newId = newId;
    this.now = now;
    this.pause = pause;
    const kept = /** @type {Item[]} */ (memory.all("outbox."));
    this.#items = kept
      .filter((item) => item.sender === sender)
      .sort((a, b) => (a.at < b.at ? -1 : 1))
      .map((item) => ({ ...item, state: item.state === "failed" ? "failed" : "waiting" }));
  }

  /** @param {string} room @param {string} text @param {{ replyTo?: number }} [options] */
  add(room, text, { replyTo } = {}) {
    /** @type {Item} */
    const item = {
      cid: this.newId(),
      sender: this.sender,
      room,
      text,
      ...(replyTo && { reply_to: replyTo }),
      at: this.now().toISOString(),
      state: "waiting",
    };
    this.#items.push(item);
    this.#changed(item);
    this.#drain();
    return item;
  }

  /** @param {string} room */
  of(room) {
    return this.#items.filter((item) => item.room === room);
  }

  /** @param {string} cid */
  get(cid) {
    return this.#items.find((item) => item.cid === cid);
  }

  /** @param {string} cid */
  retry(cid) {
    const item = this.get(cid);
    if (item?.state !== "failed") return;
    this.#set(item, "waiting");
    this.#drain();
  }

  /** @param {string} cid */
  discard(cid) {
    const item = this.get(cid);
    if (item) this.#remove(item);
  }

  /** The message was seen in the room: it is stored, whatever became of the ack.
      @param {string} cid */
  settle(cid) {
    this.discard(cid);
  }

  goOnline() {
    this.#online = true;
    this.#drain();
  }

  goOffline() {
    this.#online = false;
  }

  async #drain() {
    if (this.#draining) return;
    this.#draining = true;
    try {
      for (let item = this.#next; item; item = this.#next) await this.#send(item);
    } finally {
      this.#draining = false;
    }
  }

  get #next() {
    return this.#online && this.#items.find((item) => item.state === "waiting");
  }

  /** @param {Item} item */
  async #send(item) {
    this.#set(item, "sending");
    try {
      const message = await this.post(item);
      this.tell("sent", { item, message });
      this.#remove(item);
    } catch (error) {
      if (error instanceof Lost) {
        this.#set(item, "waiting");
      } else if (error instanceof Refused && PASSES.has(error.code)) {
        this.#set(item, "waiting", error.message);
        await this.pause(error.retryAfter ?? ASK_AGAIN_SECONDS);
      } else if (error instanceof Refused) {
        this.#set(item, "failed", error.message);
      } else {
        throw error;
      }
    }
  }

  /** @param {Item} item @param {Item["state"]} state @param {string} [reason] */
  #set(item, state, reason) {
    if (!this.#items.includes(item)) return;
    Object.assign(item, { state, reason });
    this.#changed(item);
  }

  /** @param {Item} item */
  #changed(item) {
    this.memory.put(`outbox.${item.cid}`, item);
    this.tell("changed", { item });
  }

  /** @param {Item} item */
  #remove(item) {
    if (!this.#items.includes(item)) return;
    this.#items.splice(this.#items.indexOf(item), 1);
    this.memory.forget(`outbox.${item.cid}`);
    this.tell("gone", { item });
  }
}
