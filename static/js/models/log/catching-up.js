/* How a room comes to what it is on the server: joined, and with what was said since it was seen last;
   or, without a server, to what it was then.

   Nothing is left half done by a break, because the next coming online does all of it again. */

import { Refused, ignoreLost, ignoreUnanswered } from "../refused.js";
import { Timeline } from "./timeline.js";

/** @import { Chat } from "../chat.js" */
/** @import { Start } from "./history.js" */
/** @import { Room } from "../rooms/room.js" */

const LOOK_AGAIN_SECONDS = 15;
/** So many may be further back than the newest page. */
const FAR_UNREAD = 25;

export class CatchingUp {
  /** @type {Map<Room, Promise<void>>} */
  #underWay = new Map();
  /** @type {Map<Room, Promise<void>>} */
  #recounting = new Map();

  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
  }

  /** To a room that one is in, or only looks at.
      @param {Room} room */
  come(room) {
    return room.joined ? this.enter(room) : this.#look(room);
  }

  /** The last messages of a public room that one is not in: nothing of it comes by itself.
      @param {Room} room */
  async #look(room) {
    const { chat } = this;
    try {
      if (room.timeline) await this.bring(room);
      else await this.newest(room, { epoch: "", head: room.head }); // Who joins asks for all anew.
      room.problem = null;
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      this.noteProblem(room, error.message);
    }
    chat.later(() => {
      const isLooking = room === chat.current && !room.joined && chat.state === "online";
      if (isLooking) this.#look(room).catch(ignoreLost);
    }, LOOK_AGAIN_SECONDS);
  }

  /** Joins a room and brings it up to date: what was missed, or the newest page if it is new.
      @param {Room} room */
  async enter(room) {
    const { chat } = this;
    try {
      const { room: info } = await chat.connection.request("join", { room: room.name });
      room.describe(info);
      if (info.read === null) await chat.reading.remind(room);
      room.problem = null;
      if (room.timeline) await this.bring(room);
      else if (room === chat.current) await this.#begin(room, info);
      if (room.read === null && room !== chat.current) chat.reading.markRead(room);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      room.joined = false;
      chat.known.remember();
      if (error.code === "no_such_room" && room !== chat.current) chat.rooms.delete(room.name);
      this.noteProblem(room, error.message);
    }
  }

  /** @param {Room} room @param {string} problem */
  noteProblem(room, problem) {
    room.problem = problem;
    this.chat.tell("rooms");
    this.#show(room);
  }

  /** Everything after the head. Beyond one answer it is quicker to begin at the newest page,
      but who reads further back stays there.
      @param {Room} room */
  bring(room) {
    const { chat } = this;
    return once(this.#underWay, room, async () => {
      for (let isBehind = true; isBehind && room.timeline; ) {
        const { epoch, head: after, moreAfter } = room.timeline;
        const missed = await chat.connection.request("resume", { room: room.name, epoch, after });
        isBehind = missed.more && moreAfter;
        if (missed.recovered && (!missed.more || moreAfter)) chat.hearing.receive(room, missed.events);
        else await this.newest(room, missed);
      }
    });
  }

  /** Something was missed: how much is unread, only the server can say.
      @param {Room} room */
  recount(room) {
    return once(this.#recounting, room, async () => {
      room.describe((await this.chat.connection.request("join", { room: room.name })).room);
    });
  }

  /** To the newest messages.
      @param {Room} room @param {Start} start */
  async newest(room, { epoch, head }) {
    const timeline = await this.chat.history.newest(room, { epoch, head });
    if (timeline !== room.timeline) this.keep(room, timeline);
    this.#show(room);
  }

  /** Without a server: as it was when it was last seen.
      @param {Room} room */
  async showKept(room) {
    const kept = await this.chat.recent.of(room.name);
    if (!kept || this.chat.state === "online") return;
    const { timeline, name, title } = room;
    if (title === name) room.describe({ name, title, ...kept.about }); // Only its address is known.
    if (!timeline) this.keep(room, new Timeline(kept));
    else if (timeline.epoch === kept.epoch && timeline.head < kept.head) timeline.reset(kept);
    else return;
    this.#show(room);
  }

  /** The room has this timeline from now on.
      @param {Room} room @param {Timeline} timeline */
  keep(room, timeline) {
    const { chat } = this;
    room.timeline = timeline;
    timeline
      .on("gap", () => this.bring(room).catch(ignoreLost))
      .on("moved", () => chat.history.again(room).catch(ignoreUnanswered))
      .on("changed", ({ kind, messages = timeline.messages }) => {
        chat.tell("messages", { room, kind, messages });
        chat.outbox.settle(messages);
        chat.recent.keep(room);
      });
    chat.outbox.settle(timeline.messages);
    chat.recent.keep(room);
  }

  /** Begins a room at the newest messages, or where one has not read yet, if that is far back.
      @param {Room} room @param {Start} start */
  async #begin(room, { epoch, head }) {
    const { read, unread } = room;
    if (read === null || unread < FAR_UNREAD) return this.newest(room, { epoch, head });
    this.keep(room, await this.chat.history.around(room, { epoch, head }, read + 1));
    this.#show(room);
  }

  /** @param {Room} room */
  #show(room) {
    if (room === this.chat.current) this.chat.tell("opened");
  }
}

/** One at a time for each key; who asks meanwhile gets the same promise.
    @param {Map<Room, Promise<void>>} underWay @param {Room} key @param {() => Promise<void>} step */
function once(underWay, key, step) {
  const promise = underWay.get(key) ?? step().finally(() => underWay.delete(key));
  underWay.set(key, promise);
  return promise;
}
