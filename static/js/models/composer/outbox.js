/* What was written and is not in the log yet, of one person, in all tabs of this browser.

   An item has a `cid` for life: the server stores one message for it, however often it is sent,
   so whatever got no answer is simply sent again. One item is under way at a time, in the order
   of their `place`, also when the first is told to wait; and one tab at a time sends, all that
   there is: a tab that dies leaves the rest to the next one.

     waiting   for a connection, for the server to be ready, or for its files; `reason` says which. What
               waits for files holds up nothing that was written later.
     sending   under way
     failed    refused for what it is; only its writer can do something about it

   Tells "changed" {item, isNew} (new here, not in another tab), "sent" {item, message} and
   "gone" {item}. */

import { Emitter } from "../../lib/browser/emitter.js";
import { Lost, Refused } from "../refused.js";

/** @import { Memory } from "../../lib/storage/memory.js" */
/** @import { Shelf } from "../../lib/storage/shelf.js" */
/** @import { Item, Message, Now } from "../../types.js" */

/** What a message answers, the thread that it is in, and whether it is shown in the room as well.
    `uploads` are the keys of the files that go with it.
    @typedef {{ replyTo?: number, thread?: number, alsoToRoom?: boolean, uploads?: string[] }} About */

const PASSES = new Set(["rate_limited", "read_only", "unavailable"]);
const ASK_AGAIN_SECONDS = 5;

/** What is known of the files of an item; nothing, until they are needed.
    @typedef {{ holdOf: (keys: string[]) => { isFailed: boolean, reason: string } | null, again: (keys: string[]) => void,
      sendAgain: (keys: string[]) => void, forget: (keys: string[]) => void }} ItemFiles */

/** @extends {Emitter<{
     changed: { item: Item, isNew: boolean }, sent: { item: Item, message: Message }, gone: { item: Item } }>} */
export class Outbox extends Emitter {
  /** @type {Item[]} */
  #items = [];
  #online = false;
  #draining = false;
  /** @type {Set<string>} the cids of items whose files the server had forgotten */
  #sentAgain = new Set();

  /** `post(item)` gives the stored message or throws Refused or Lost; `pause(seconds)` waits;
      `alone(step)` does a step while no other tab does; in `memory` is what earlier pages kept.
      @param {{
        sender: string, shelf: Shelf, memory: Memory, newId: () => string, now: Now,
        post: (item: Item) => Promise<Message>, pause: (seconds: number) => Promise<void>,
        alone: (step: () => Promise<void>) => Promise<void>, files?: ItemFiles,
      }} parts */
  constructor({ sender, post, shelf, memory, alone, newId, now, pause, files }) {
    super();
    this.sender = sender;
    this.post = post;
    this.shelf = shelf;
    this.alone = alone;
    this.newId = newId;
    this.now = now;
    this.pause = pause;
    this.files = files;
    shelf.on("changed", ({ key, value }) => this.#hear(key, value));
    /** What was kept has been read. */
    this.ready = this.#begin(memory);
  }

  /** @param {string} room @param {string} text @param {About} [about] */
  add(room, text, { replyTo, thread, alsoToRoom, uploads } = {}) {
    /** @type {Item} */
    const item = {
      cid: this.newId(),
      sender: this.sender,
      room,
      text,
      ...(replyTo && { reply_to: replyTo }),
      ...(uploads?.length && { uploads }),
      ...(thread && { thread }),
      ...(thread && alsoToRoom && { also_to_room: true }),
      at: this.now().toISOString(),
      place: (this.#items.at(-1)?.place ?? 0) + 1,
      state: "waiting",
    };
    this.#items.push(item);
    this.#changed(item, { isNew: true });
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
    if (item.uploads) this.files?.again(item.uploads);
    this.#set(item, "waiting");
    this.#drain();
  }

  /** Files of items have come further, or cannot. */
  filesChanged() {
    for (const item of this.#items) {
      const hold = item.state === "waiting" && this.#holdOf(item);
      if (hold && hold.isFailed) this.#set(item, "failed", hold.reason);
      else if (hold && item.reason !== hold.reason) this.#set(item, "waiting", hold.reason);
    }
    this.#drain();
  }

  /** @param {string} cid */
  async discard(cid) {
    const item = this.get(cid);
    if (item) await this.#remove(item);
  }

  /** Own messages that were seen in the room: they are stored, whatever became of the ack.
      @param {Message[]} messages */
  settle(messages) {
    for (const { sender, cid } of messages) if (cid && sender === this.sender) this.discard(cid);
  }

  goOnline() {
    this.#online = true;
    this.#drain();
  }

  goOffline() {
    this.#online = false;
  }

  // What is kept

  /** @param {Memory} memory */
  async #begin(memory) {
    const earlier = memory.entries("outbox.").sort(([, a], [, b]) => (a.at < b.at ? -1 : 1));
    for (const [index, [name, item]] of earlier.entries()) {
      if (await this.shelf.put(item.cid, { place: index - earlier.length, ...item })) memory.forget(name);
    }
    await this.shelf.load();
    this.#reconcile();
    this.#drain();
  }

  /** As it is kept: other tabs have written some and sent some. */
  #reconcile() {
    const kept = new Map(this.shelf.all);
    for (const item of [...this.#items]) if (!kept.has(item.cid)) this.#drop(item);
    for (const item of kept.values()) if (!this.get(item.cid)) this.#takeIn(item);
  }

  /** @param {string} cid @param {Item | null} kept */
  #hear(cid, kept) {
    const known = this.get(cid);
    if (known?.state === "sending") return; // What becomes of it is known here first.
    if (!kept) {
      if (known) this.#drop(known);
    } else if (!known) {
      this.#takeIn(kept);
      this.#drain();
    } else {
      Object.assign(known, { reason: undefined }, kept, { state: restingState(kept) });
      this.tell("changed", { item: known, isNew: false });
      this.#drain();
    }
  }

  /** @param {Item} kept */
  #takeIn(kept) {
    if (kept.sender !== this.sender) return;
    const item = { ...kept, state: restingState(kept) };
    this.#items.push(item);
    this.#items.sort((a, b) => a.place - b.place);
    this.tell("changed", { item, isNew: false });
  }

  // Sending

  async #drain() {
    if (this.#draining || !this.#online || !this.#next) return;
    this.#draining = true;
    try {
      await this.alone(() => this.#sendAll());
    } finally {
      this.#draining = false;
    }
    this.#drain();
  }

  async #sendAll() {
    await this.ready;
    await this.shelf.load();
    this.#reconcile();
    for (let item; this.#online && (item = this.#next); ) await this.#send(item);
  }

  get #next() {
    return this.#items.find((item) => item.state === "waiting" && !this.#holdOf(item));
  }

  /** @param {Item} item */
  #holdOf({ uploads }) {
    return uploads && this.files ? this.files.holdOf(uploads) : null;
  }

  /** @param {Item} item */
  async #send(item) {
    this.#set(item, "sending");
    try {
      const message = await this.post(item);
      this.tell("sent", { item, message });
      await this.#remove(item);
    } catch (error) {
      if (error instanceof Lost) {
        this.#set(item, "waiting");
      } else if (error instanceof Refused && PASSES.has(error.code)) {
        this.#set(item, "waiting", error.message);
        await this.pause(error.retryAfter ?? ASK_AGAIN_SECONDS);
      } else if (error instanceof Refused && error.code === "not_found" && item.uploads && !this.#sentAgain.has(item.cid)) {
        this.#sentAgain.add(item.cid); // The server keeps files that are no message's for a day.
        this.files?.sendAgain(item.uploads);
        this.#set(item, "waiting");
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
  #changed(item, { isNew = false } = {}) {
    if (item.state !== "sending") this.shelf.put(item.cid, { ...item });
    this.tell("changed", { item, isNew });
  }

  /** @param {Item} item */
  async #remove(item) {
    this.#drop(item);
    await this.shelf.forget(item.cid);
  }

  /** @param {Item} item */
  #drop(item) {
    if (!this.#items.includes(item)) return;
    this.#items.splice(this.#items.indexOf(item), 1);
    if (item.uploads) this.files?.forget(item.uploads);
    this.tell("gone", { item });
  }
}

/** What is under way elsewhere waits, seen from here.
    @param {Item} kept @returns {Item["state"]} */
function restingState({ state }) {
  return state === "failed" ? "failed" : "waiting";
}
