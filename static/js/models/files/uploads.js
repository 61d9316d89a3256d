/* The files that one has given and that are no message's yet: on their way to the server, or there.

   Each belongs to a draft (`room`, the key of it), and from the moment it is sent to an item of the outbox
   (`cid`). What it is and how far it came is kept in the browser's database, and its bytes beside it, so
   that it goes on after a reload, in any tab; one tab at a time sends a file.

     waiting    for its turn, or for the network
     uploading  under way: `sent` bytes of it, known in this tab only
     done       `id` is the server's
     failed     refused, `reason` says why; `isFinal` where trying again is of no use
     lacking    its bytes are gone from the browser: they have to be given again

   Tells "changed" {upload} and "listed" {room, cid}: others, or in another order. */

import { Emitter } from "../../lib/browser/emitter.js";
import { t } from "../../lib/text/words.js";
import { Lost, Refused } from "../refused.js";

/** @import { Shelf } from "../../lib/storage/shelf.js" */
/** @import { Later } from "../../types.js" */

/** @typedef {{
     key: string, me: string, room: string, cid?: string, place: number, name: string, type: string, bytes: number,
     alt: string, width?: number, height?: number, url?: string, id?: string,
     state: "waiting" | "uploading" | "done" | "failed" | "lacking", reason?: string, isFinal?: boolean, sent?: number }} Upload */
/** Sends bytes, goes on at `url` if there is one, and gives the file's id. Throws Refused or Lost.
    @typedef {(file: { blob: Blob, name: string, url?: string, begun: (url: string) => void, sent: (bytes: number) => void, end: AbortSignal }) => Promise<string>} Send */
/** @typedef {{ get: (key: string) => Promise<Blob | null>, put: (key: string, blob: Blob) => Promise<boolean>, delete: (key: string) => Promise<unknown> }} Blobs */

export const FILES_AT_MOST = 10;
const AT_ONCE = 2;
const AGAIN_AFTER_SECONDS = 5;

/** @extends {Emitter<{ changed: { upload: Upload }, listed: { room: string, cid?: string } }>} */
export class Uploads extends Emitter {
  /** @type {Map<string, Upload>} */
  #all = new Map();
  /** @type {Map<string, Blob>} what was given in this tab */
  #given = new Map();
  /** @type {Map<string, AbortController>} those that this tab sends, or is about to */
  #running = new Map();
  /** @type {Set<string>} those that wait for better times */
  #resting = new Set();

  /** `maxBytes()` is the largest file that the server takes; `measure(blob)` gives the size of a picture, or
      null; `alone(key, step)` does a step while no other tab does.
      @param {{
        me: string, shelf: Shelf, blobs: Blobs, send: Send, newId: () => string, later: Later, maxBytes: () => number,
        measure: (blob: Blob) => Promise<{ width: number, height: number } | null>, sizeInWords: (bytes: number) => string,
        alone: (key: string, step: () => Promise<void>) => Promise<void> }} parts */
  constructor({ me, shelf, blobs, send, newId, later, maxBytes, measure, sizeInWords, alone }) {
    super();
    this.me = me;
    this.shelf = shelf;
    this.blobs = blobs;
    this.send = send;
    this.newId = newId;
    this.later = later;
    this.maxBytes = maxBytes;
    this.measure = measure;
    this.sizeInWords = sizeInWords;
    this.alone = alone;
    shelf.on("changed", ({ key, value }) => this.#hear(key, value));
    /** What was kept has been read. */
    this.ready = this.#begin();
  }

  // What there is

  /** Those of a draft, in their order.
      @param {string} room */
  of(room) {
    return this.#sorted((upload) => upload.room === room && !upload.cid);
  }

  /** Those of an item of the outbox.
      @param {string} cid */
  at(cid) {
    return this.#sorted((upload) => upload.cid === cid);
  }

  /** @param {string} key */
  get(key) {
    return this.#all.get(key);
  }

  /** The bytes, where this browser has them.
      @param {string} key */
  async blobOf(key) {
    return this.#given.get(key) ?? (await this.blobs.get(key));
  }

  // What one does

  /** Takes files for a draft. Gives a sentence if not all of them fit into one message.
      @param {string} room @param {Iterable<File>} files */
  add(room, files) {
    const given = [...files];
    const free = FILES_AT_MOST - this.of(room).length;
    for (const file of given.slice(0, free)) this.#take(room, file);
    this.tell("listed", { room });
    this.#pump();
    return given.length > free ? t("upload.too-many", { count: FILES_AT_MOST }) : null;
  }

  /** @param {string} key */
  remove(key) {
    const upload = this.#all.get(key);
    if (!upload) return;
    this.#running.get(key)?.abort();
    this.#forget(upload);
    this.#pump();
  }

  /** @param {string} key */
  retry(key) {
    const upload = this.#all.get(key);
    if (upload?.state !== "failed" || upload.isFinal) return;
    this.#set(upload, { state: "waiting", reason: undefined });
    this.#pump();
  }

  /** The bytes of a file that the browser has no more; false if they are another file's.
      @param {string} key @param {File} file */
  giveAgain(key, file) {
    const upload = this.#all.get(key);
    if (!upload || file.size !== upload.bytes) return false;
    this.#given.set(key, file);
    this.blobs.put(key, file);
    this.#set(upload, { state: "waiting", reason: undefined });
    this.#pump();
    return true;
  }

  /** What people read who do not see it.
      @param {string} key @param {string} alt */
  describe(key, alt) {
    const upload = this.#all.get(key);
    if (upload) this.#set(upload, { alt: alt.trim() });
  }

  /** One place on, or back.
      @param {string} key @param {1 | -1} step */
  move(key, step) {
    const upload = this.#all.get(key);
    if (!upload) return;
    const all = this.of(upload.room);
    const other = all[all.indexOf(upload) + step];
    if (!other) return;
    const { place } = upload;
    this.#set(upload, { place: other.place });
    this.#set(other, { place });
    this.tell("listed", { room: upload.room });
  }

  // What the outbox asks

  /** They go with this item from now on.
      @param {string[]} keys @param {string} cid */
  give(keys, cid) {
    for (const key of keys) {
      const upload = this.#all.get(key);
      if (upload) this.#set(upload, { cid });
    }
    this.tell("listed", { room: this.#all.get(keys[0])?.room ?? "", cid });
  }

  /** Why files cannot be sent yet, and whether they never will be by themselves; null where all are there.
      @param {string[]} keys */
  holdOf(keys) {
    const all = keys.map((key) => this.#all.get(key));
    const bad = all.find((upload) => !upload || upload.state === "failed" || upload.state === "lacking");
    if (all.includes(undefined) || bad) return { isFailed: true, reason: bad?.reason ?? t("upload.lacking") };
    return all.every((upload) => upload?.state === "done") ? null : { isFailed: false, reason: t("unsent.uploading") };
  }

  /** As a message names them.
      @param {string[]} keys */
  named(keys) {
    return keys.flatMap((key) => {
      const { id, alt } = this.#all.get(key) ?? {};
      return id ? [alt ? { id, alt } : id] : [];
    });
  }

  /** The writer of an item tries again.
      @param {string[]} keys */
  again(keys) {
    for (const key of keys) this.retry(key);
  }

  /** What belonged to items that are no more goes.
      @param {(cid: string) => boolean} isThere */
  keepOnly(isThere) {
    this.forget(this.#sorted(({ cid }) => Boolean(cid) && !isThere(cid ?? "")).map(({ key }) => key));
  }

  /** The server has forgotten some of them, which it does after a day: from the start.
      @param {string[]} keys */
  sendAgain(keys) {
    for (const key of keys) {
      const upload = this.#all.get(key);
      if (upload && !upload.isFinal) this.#set(upload, { state: "waiting", id: undefined, url: undefined, reason: undefined });
    }
    this.#pump();
  }

  /** They are a message's now, or nobody's.
      @param {string[]} keys */
  forget(keys) {
    for (const key of keys) {
      const upload = this.#all.get(key);
      this.#running.get(key)?.abort();
      if (upload) this.#forget(upload);
    }
  }

  /** The network is back. */
  wake() {
    this.#resting.clear();
    this.#pump();
  }

  // What is kept

  async #begin() {
    await this.shelf.load();
    for (const [key, upload] of this.shelf.all) this.#hear(key, upload);
    for (const { room, cid } of this.#all.values()) this.tell("listed", { room, cid });
  }

  /** @param {string} key @param {Upload | null} kept */
  #hear(key, kept) {
    if (!kept) return this.#lose(key);
    if (kept.me !== this.me) return;
    const known = this.#all.get(key);
    const { state, url, id } = known?.state === "uploading" ? known : kept; // What this tab sends, it knows best.
    const upload = Object.assign(known ?? {}, kept, { state: state === "uploading" && state !== known?.state ? "waiting" : state, url, id });
    this.#all.set(key, upload);
    this.tell("changed", { upload });
    if (known?.cid !== upload.cid || !known) this.tell("listed", upload);
    this.#pump();
  }

  /** @param {string} key */
  #lose(key) {
    const gone = this.#all.get(key);
    this.#running.get(key)?.abort();
    this.#all.delete(key);
    if (gone) this.tell("listed", gone);
  }

  /** @param {string} room @param {File} file */
  async #take(room, file) {
    const key = this.newId();
    const place = Math.max(0, ...[...this.#all.values()].map((each) => each.place)) + 1;
    const most = this.maxBytes();
    const isTooBig = file.size > most;
    /** @type {Upload} */
    const upload = {
      ...{ key, me: this.me, room, place, name: file.name, type: file.type, bytes: file.size, alt: "" },
      ...(isTooBig
        ? { state: "failed", isFinal: true, reason: t("upload.too-big", { size: this.sizeInWords(most) }) }
        : { state: "waiting" }),
    };
    this.#all.set(key, upload);
    this.#given.set(key, file);
    const size = await this.measure(file);
    if (this.#all.has(key) && size) this.#set(upload, size);
    if (isTooBig) return;
    await this.blobs.put(key, file);
    if (this.#all.has(key)) this.shelf.put(key, { ...upload });
    else this.blobs.delete(key);
  }

  /** @param {Upload} upload @param {Partial<Upload>} news */
  #set(upload, news) {
    if (this.#all.get(upload.key) !== upload) return;
    Object.assign(upload, news);
    const isProgress = Object.keys(news).every((name) => name === "sent");
    if (!isProgress && !upload.isFinal) this.shelf.put(upload.key, { ...upload, sent: undefined });
    this.tell("changed", { upload });
  }

  /** @param {Upload} upload */
  #forget(upload) {
    const { key } = upload;
    this.#all.delete(key);
    this.#given.delete(key);
    this.shelf.forget(key);
    this.blobs.delete(key);
    this.tell("listed", upload);
  }

  /** @param {(upload: Upload) => boolean} isMeant */
  #sorted(isMeant) {
    return [...this.#all.values()].filter(isMeant).sort((a, b) => a.place - b.place);
  }

  // Sending

  #pump() {
    for (const upload of this.#sorted(({ key, state }) => state === "waiting" && !this.#running.has(key) && !this.#resting.has(key))) {
      if (this.#running.size >= AT_ONCE) return;
      const end = new AbortController();
      this.#running.set(upload.key, end);
      this.alone(upload.key, () => this.#run(upload.key, end.signal)).finally(() => {
        this.#running.delete(upload.key);
        this.#pump();
      });
    }
  }

  /** @param {string} key @param {AbortSignal} end */
  async #run(key, end) {
    await this.shelf.load(); // Another tab may have done it meanwhile.
    const kept = this.shelf.get(key);
    if (kept) this.#hear(key, kept);
    const upload = this.#all.get(key);
    if (upload?.state !== "waiting") return;
    const blob = await this.blobOf(key);
    if (!blob) return this.#set(upload, { state: "lacking", reason: t("upload.lacking") });
    this.#set(upload, { state: "uploading", sent: 0 });
    try {
      const id = await this.send({
        ...{ blob, name: upload.name, url: upload.url, end },
        begun: (url) => this.#set(upload, { url }),
        sent: (bytes) => this.#set(upload, { sent: bytes }),
      });
      this.#set(upload, { state: "done", id, sent: upload.bytes });
    } catch (error) {
      if (error instanceof Refused) this.#set(upload, { state: "failed", reason: error.message, url: undefined });
      else if (error instanceof Lost) this.#rest(upload);
      else throw error;
    }
  }

  /** @param {Upload} upload */
  #rest(upload) {
    this.#resting.add(upload.key);
    this.#set(upload, { state: "waiting" });
    this.later(() => {
      if (this.#resting.delete(upload.key)) this.#pump();
    }, AGAIN_AFTER_SECONDS);
  }
}
