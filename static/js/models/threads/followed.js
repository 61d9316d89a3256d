/* The threads that one follows, as /threads lists them: those with something new first, then the latest.
   Nothing is read by being listed, and nothing moves while one looks: what comes new stands on top, and what
   is read stays where it is.

   Tells "changed". */

import { Emitter } from "../../lib/browser/emitter.js";
import { ignoreLost, problemOf } from "../refused.js";

/** @import { ThreadInfo } from "../../types.js" */
/** @import { Chat } from "../chat.js" */

const PAGE_SIZE = 30;
const AT_MOST = 50; // of what the server answers
const REFRESH_AFTER_SECONDS = 0.5;

/** @extends {Emitter<{ changed: void }>} */
export class Followed extends Emitter {
  /** @type {ThreadInfo[]} */
  entries = [];
  /** @type {"loading" | "done" | "failed"} */
  state = "loading";
  problem = "";
  /** @type {{ info: ThreadInfo, what: "read" | "unfollowed" } | null} what was done last, while it can be undone */
  undoable = null;
  /** @type {string | null} */
  #after = null;
  #isDue = false;

  /** @param {Chat} chat */
  constructor(chat) {
    super();
    this.chat = chat;
    chat.threads.on("changed", ({ room, thread }) => this.#changed(room, thread));
    chat.on("view", () => chat.view === "threads" && this.open());
    chat.on("connection", () => chat.view === "threads" && chat.state === "online" && this.#load());
  }

  get hasMore() {
    return this.#after !== null;
  }

  open() {
    this.entries = [];
    this.undoable = null;
    return this.#load();
  }

  async loadMore() {
    const after = this.#after;
    this.#after = null;
    if (after) await this.#ask({ after, limit: PAGE_SIZE });
  }

  /** What is new in it; throws Refused or Lost.
      @param {ThreadInfo} info */
  async read(info) {
    const { room, thread, last_seq: seq } = info;
    const { read } = await this.chat.connection.request("read", { room, thread, seq });
    this.undoable = { info: { ...info }, what: "read" };
    this.chat.threads.take(/** @type {import("../../types.js").ThreadMark} */ (read));
  }

  /** Throws Refused or Lost.
      @param {ThreadInfo} info */
  async unfollow(info) {
    await this.chat.threads.follow(info.room, info.thread, false);
    this.undoable = { info, what: "unfollowed" };
    this.entries = this.entries.filter((each) => each !== info);
    this.tell("changed");
  }

  /** Throws Refused or Lost. */
  async undo() {
    const { info, what } = this.undoable ?? {};
    if (!info) return;
    this.undoable = null;
    const { room, thread, read } = info;
    if (what === "unfollowed") await this.chat.threads.follow(room, thread, true);
    else this.chat.threads.take(/** @type {import("../../types.js").ThreadMark} */ ((await this.chat.connection.request("read", { room, thread, seq: read ?? thread, back: true })).read));
    await this.#load();
  }

  /** @param {string} room @param {number} thread */
  #changed(room, thread) {
    if (this.chat.view !== "threads") return;
    const entry = this.entries.find((each) => each.room === room && each.thread === thread);
    const mark = this.chat.threads.markOf(room, { seq: thread });
    if (entry) Object.assign(entry, { unread: mark.unread, following: mark.following });
    this.tell("changed");
    if (!entry || mark.unread > 0) this.#refreshSoon();
  }

  #refreshSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    this.chat.later(() => {
      this.#isDue = false;
      if (this.chat.view === "threads") this.#load();
    }, REFRESH_AFTER_SECONDS);
  }

  async #load() {
    await this.#ask({ unread: true, limit: AT_MOST });
    await this.#ask({ limit: PAGE_SIZE });
  }

  /** @param {{ after?: string, unread?: boolean, limit: number }} page */
  async #ask(page) {
    try {
      const { threads, after } = await this.chat.connection.request("threads", page);
      this.#take(threads);
      if (!page.unread) this.#after = after;
      this.state = "done";
    } catch (error) {
      this.problem = problemOf(error);
      this.state = "failed";
      ignoreLost(error);
    } finally {
      this.tell("changed");
    }
  }

  /** Those that are there stay where they are; new ones with something new stand on top.
      @param {ThreadInfo[]} threads */
  #take(threads) {
    const isFirst = this.entries.length === 0;
    for (const info of threads) {
      if (!this.chat.rooms.has(info.room)) continue;
      const known = this.entries.find(({ room, thread }) => room === info.room && thread === info.thread);
      if (known) Object.assign(known, info);
      else if (info.unread > 0 && !isFirst && this.state === "done") this.entries.unshift(info);
      else this.entries.push(info);
    }
  }
}
