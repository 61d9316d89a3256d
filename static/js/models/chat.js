/* One person's chat: the rooms, which of them is open, and what goes between them and the server.

   Knows nothing of the page and nothing of Socket.IO: a connection is anything that can
   `request(event, payload)` (a promise of the ack; throws Refused or Lost), `emit(event, payload)`,
   and tells "online", "offline", "refused" and "event" {name, payload}.

   Coming online is the same the first time and after each break: join what one is in, fetch what
   one missed, then send what waits. Nothing of that is left half done by another break, because
   the next coming online does all of it again.

   Tells "opened" (another room is on), "rooms" (there are others than before), "connection"
   (its `state` changed, or whether the server is `readOnly`), "people" {names} (these are shown otherwise),
   "refused" {code, message} (the server will not have us), "sought" {room,
   seq} (that message is to be looked at), and of any
   room: "lost" {room} (we may not see it any more), "room" {room}, "presence" {room}, "line" {room}, "typing" {room}, "messages" {room, kind,
   messages}, and "heard" {room, messages} for those that came live. */

import { Emitter } from "../lib/emitter.js";
import { t } from "../lib/words.js";
import { Changes } from "./changes.js";
import { Drafts } from "./drafts.js";
import { Gathering } from "./gathering.js";
import { History } from "./history.js";
import { Wishes } from "./notices.js";
import { Outbox } from "./outbox.js";
import { People } from "./people.js";
import { Place } from "./place.js";
import { Reading } from "./reading.js";
import { Recent } from "./recent.js";
import { Lost, Refused, ignoreUnanswered } from "./refused.js";
import { Room } from "./room.js";
import { Timeline } from "./timeline.js";
import { OwnTyping } from "./typing.js";

/** @import { Memory } from "../lib/memory.js" */
/** @import { Connection, Later, LoggedEvent, Message, Now, Profile, RoomInfo } from "../types.js" */
/** @import { OwnPresence } from "./presence.js" */
/** @import { Known } from "./room.js" */
/** @import { Shelf } from "../lib/shelf.js" */
/** @import { Pages, Tables } from "./recent.js" */
/** @import { Page } from "./timeline.js" */

/** What the browser keeps over a restart, and `alone(step)`: only one tab at a time does it.
    @typedef {{
      outbox: Shelf, drafts: Shelf, tables: Tables, pages: Pages, alone: (step: () => Promise<void>) => Promise<void> }} Kept */

/** @typedef {{ epoch: string, head: number }} Start */
/** What the server wrote into the page.
    @typedef {{ guest?: boolean, people?: Profile[], place?: import("./place.js").Settings, rooms: Known[], room: Known & Start } & Omit<Page, "epoch" | "head">} Begin */
/** @typedef {{
     opened: void, rooms: void, connection: void, people: { names: Set<string> },
     refused: import("../wire.js").Problem,
     sought: { room: Room, seq: number },
     lost: { room: Room }, room: { room: Room }, presence: { room: Room }, line: { room: Room }, typing: { room: Room },
     messages: { room: Room, kind: string, messages: Message[] },
     heard: { room: Room, messages: Message[] },
   }} News */

export const GENERAL = "general";
const ASK_AGAIN_SECONDS = 5;
/** So many may be further back than the newest page. */
const FAR_UNREAD = 25;
const EVENTS_OF_ROOMS = new Set(["message", "edit", "delete", "react"]);

/** @extends {Emitter<News>} */
export class Chat extends Emitter {
  /** @type {"connecting" | "online" | "offline"} */
  state = "connecting";
  /** Whether the server takes nothing new: its disk is full or failing. */
  readOnly = false;
  /** @type {OwnPresence} given by <own-status> */
  presence;
  /** @type {Map<string, Room>} */
  rooms = new Map();
  #turn = 0; // counts connections and breaks, so that what was begun in an earlier one is seen
  /** @type {Map<Room, Promise<void>>} */
  #catchingUp = new Map();
  /** @type {Map<Room, Promise<void>>} */
  #recounting = new Map();

  /** `later(step, seconds)`, `soon(step)`, `now()`, `newId()`, `memory` and `kept` come from the
      browser, or a test.
      @param {{
        connection: Connection, me: string, role?: string, memory: Memory, kept: Kept, newId: () => string, now: Now,
        later: Later, soon?: (step: () => void) => void,
      }} parts */
  constructor({ connection, me, role = "guest", memory, kept, newId, now, later, soon = (step) => step() }) {
    super();
    this.connection = connection;
    this.me = me;
    this.memory = memory;
    this.now = now;
    this.later = later;
    this.soon = soon;
    this.people = new People({ connection, now });
    this.history = new History(connection);
    this.changes = new Changes({
      connection,
      me,
      role,
      receive: (room, events) => this.#receive(room, events),
    });
    this.gathering = new Gathering({
      soon: (step) => this.soon(step),
      take: (room, events) => this.#take(this.rooms.get(room), events, { live: true }),
    });
    this.place = new Place(role);
    this.typing = new OwnTyping(now);
    this.reading = new Reading(connection, later);
    this.wishes = new Wishes({ memory, me });
    this.outbox = new Outbox({
      sender: me,
      post: (item) => this.#post(item),
      pause: (seconds) => new Promise((resolve) => later(resolve, seconds)),
      shelf: kept.outbox,
      alone: kept.alone,
      memory,
      newId,
      now,
    });
    this.drafts = new Drafts({ me, shelf: kept.drafts, memory });
    this.recent = new Recent({ me, tables: kept.tables, pages: kept.pages, later });
    this.people.on("changed", ({ names }) => this.#callOtherwise(names));
    this.outbox.on("sent", ({ message }) => this.#receive(this.rooms.get(message.room), [message]));
    connection
      .on("online", () => this.#comeOnline())
      .on("offline", () => this.#goOffline())
      .on("refused", (refusal) => this.tell("refused", refusal))
      .on("event", ({ name, payload }) => this.#hear(name, payload));
  }

  // What the page starts with

  /** Begins with what the server wrote into the page: all rooms, and the open one's messages.
      @param {Begin} page */
  begin({ guest = false, place, people = [], rooms, room, ...page }) {
    if (place) this.place.become(place);
    const mine = new Set([GENERAL, room.name, ...this.memory.get(this.#roomsKey, [])]);
    this.isGuest = guest;
    const senders = (page.messages ?? []).map(({ sender }) => sender);
    this.people.begin(people);
    this.people.areKnown([this.me, ...senders, ...(room.members ?? [])]);
    for (const info of rooms) this.#know(info);
    for (const known of this.rooms.values()) if (mine.has(known.name)) known.joined = true;
    /** @type {Room} */
    this.current = this.#know(room);
    this.current.joined = true;
    this.#keepTimeline(this.current, new Timeline({ epoch: room.epoch, head: room.head, ...page }));
    this.#remember();
    this.#showKept(this.current);
  }

  // What people do

  /** Shows a room, and joins it. What goes wrong stands in the room's `problem`.
      @param {string} name */
  async open(name) {
    const room = this.rooms.get(name) ?? this.#know({ name, title: name });
    if (room !== this.current && this.current.unread === 0) this.current.release();
    this.current = room;
    room.joined = true;
    room.held = false;
    this.#remember();
    this.tell("rooms");
    this.tell("opened");
    if (this.state !== "online") return void this.#showKept(room);
    try {
      await this.#enter(room);
    } catch (error) {
      ignoreLost(error);
      if (this.state === "online") this.#noteProblem(room, t("problem.no-answer"));
    }
  }

  /** Makes a room, and gives the name that the server gave it; throws Refused or Lost.
      @param {string} name @param {string} title @param {RoomInfo["kind"]} [kind] */
  async create(name, title, kind = "public") {
    const { room } = await this.connection.request("create", { room: name, title, kind });
    return this.#know(room).name;
  }

  /** The name of the room where one talks with these people and nobody else; throws Refused or Lost.
      @param {string[]} names */
  async talkTo(...names) {
    const { room } = await this.connection.request("create", { kind: "direct", members: names });
    return this.#know(room).name;
  }

  /** Leaves a room for good; one is in general then, if it was open.
      @param {string} name */
  async leave(name) {
    const room = this.rooms.get(name);
    if (!room) return;
    room.joined = false;
    room.timeline = null;
    this.recent.leave(name);
    this.#remember();
    const left = this.connection.request("leave", { room: name }).catch(ignoreLost);
    if (room === this.current) await this.open(GENERAL);
    else this.tell("rooms");
    await left;
  }

  /** `replyTo` is the seq of the message that it answers.
      @param {string} text @param {{ replyTo?: number }} [options] */
  post(text, { replyTo } = {}) {
    this.typing.sent(this.current.name);
    this.current.release();
    return this.outbox.add(this.current.name, text, { replyTo });
  }

  /** A key was pressed in the composer. */
  typed() {
    if (this.state === "online" && this.typing.isDue(this.current.name)) {
      this.connection.emit("typing", { room: this.current.name });
    }
  }

  /** Goes to a message, in whatever room and however far back; throws Refused or Lost.
      @param {string} name @param {number} seq */
  async show(name, seq) {
    if (name !== this.current.name) await this.open(name);
    const { current } = this;
    if (!current.timeline) return;
    if (!current.timeline.find(seq)) await this.history.around(current, current.timeline, seq);
    this.tell("sought", { room: current, seq });
  }

  /** Goes to the first message of a day, "2026-11-22" where the reader is, or of what came next:
      gives it, or null if nothing was said since; throws Refused or Lost.
      @param {string} day */
  async showDay(day) {
    const { current } = this;
    if (!current.timeline) return null;
    const seq = await this.history.since(current, current.timeline, new Date(`${day}T00:00:00`));
    const found = (seq && current.timeline.find(seq)) || null;
    if (seq && found) this.tell("sought", { room: current, seq });
    else this.tell("opened");
    return found;
  }

  /** Goes back to the newest messages of the open room; throws Refused or Lost. */
  async showNewest() {
    const { current } = this;
    if (current.timeline?.moreAfter) await this.#load(current, current.timeline);
  }

  /** The rooms in the order in which the person wants to see them.
      @param {string[]} names */
  takeOrder(names) {
    for (const room of this.rooms.values()) room.place = names.includes(room.name) ? names.indexOf(room.name) : null;
    this.tell("rooms");
  }

  // The connection

  async #comeOnline() {
    const turn = (this.#turn += 1);
    try {
      const { rooms } = await this.connection.request("rooms", {});
      for (const info of rooms) this.#know(info);
      if (!this.isGuest) this.#joinAsTold(rooms);
      this.recent.keepOnly(rooms);
      this.#setState("online");
      await this.#enter(this.current);
      for (const room of this.rooms.values()) {
        if (room.joined && room !== this.current) await this.#enter(room);
      }
      if (turn === this.#turn) this.outbox.goOnline();
    } catch (error) {
      ignoreUnanswered(error);
      // Still connected: the server was too busy to answer.
      this.later(() => turn === this.#turn && this.#comeOnline(), ASK_AGAIN_SECONDS);
    }
  }

  /** An account's rooms are the server's to know: another device may have joined or left some.
      @param {RoomInfo[]} rooms */
  #joinAsTold(rooms) {
    for (const { name, joined } of rooms) {
      const room = this.rooms.get(name);
      if (room) room.joined = joined || room === this.current;
    }
    this.#remember();
  }

  #goOffline() {
    this.#turn += 1;
    this.outbox.goOffline();
    for (const room of this.rooms.values()) room.typists.clear();
    this.readOnly = false; // who comes back is told again
    this.#setState("offline");
  }

  /** @param {Chat["state"]} state */
  #setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.tell("connection");
  }

  // Rooms

  /** Joins a room and brings it up to date: what was missed, or the newest page if it is new.
      @param {Room} room */
  async #enter(room) {
    try {
      const { room: info } = await this.connection.request("join", { room: room.name });
      room.describe(info);
      room.problem = null;
      if (room.timeline) await this.#catchUp(room);
      else if (room === this.current) await this.#begin(room, info);
      if (room.read === null && room !== this.current) this.reading.markRead(room);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      room.joined = false;
      this.#remember();
      if (error.code === "no_such_room" && room !== this.current) this.rooms.delete(room.name);
      this.#noteProblem(room, error.message);
    }
  }

  /** A direct room is called like those who talk in it.
      @param {Set<string>} names */
  #callOtherwise(names) {
    for (const room of this.rooms.values()) {
      if (room.kind === "direct" && room.invited.some((name) => names.has(name))) room.tell("changed");
    }
    this.tell("people", { names });
  }

  /** The room is there, but not for us any more.
      @param {string} name */
  #lose(name) {
    const room = this.rooms.get(name);
    if (!room) return;
    this.rooms.delete(name);
    this.recent.leave(name);
    this.#remember();
    this.tell("lost", { room });
    if (room === this.current) this.open(GENERAL);
    else this.tell("rooms");
  }

  /** @param {Room} room @param {string} problem */
  #noteProblem(room, problem) {
    room.problem = problem;
    this.tell("rooms");
    if (room === this.current) this.tell("opened");
  }

  /** Begins a room at the newest messages, or where one has not read yet, if that is far back.
      @param {Room} room @param {Start} start */
  async #begin(room, { epoch, head }) {
    const { read, unread } = room;
    if (read === null || unread < FAR_UNREAD) return this.#load(room, { epoch, head });
    this.#keepTimeline(room, await this.history.around(room, { epoch, head }, read + 1));
    if (room === this.current) this.tell("opened");
  }

  /** @param {Room} room @param {Start} start */
  async #load(room, { epoch, head }) {
    const timeline = await this.history.newest(room, { epoch, head });
    if (timeline !== room.timeline) this.#keepTimeline(room, timeline);
    if (room === this.current) this.tell("opened");
  }

  /** Everything after the head. Beyond one answer it is quicker to begin at the newest page,
      but who reads further back stays there.
      @param {Room} room */
  #catchUp(room) {
    return once(this.#catchingUp, room, async () => {
      for (let isBehind = true; isBehind && room.timeline; ) {
        const { epoch, head: after, moreAfter } = room.timeline;
        const missed = await this.connection.request("resume", { room: room.name, epoch, after });
        isBehind = missed.more && moreAfter;
        if (missed.recovered && (!missed.more || moreAfter)) this.#receive(room, missed.events);
        else await this.#load(room, missed);
      }
    });
  }

  /** Without a server: as it was when it was last seen.
      @param {Room} room */
  async #showKept(room) {
    const kept = await this.recent.of(room.name);
    if (!kept || this.state === "online") return;
    const { timeline, name, title } = room;
    if (title === name) room.describe({ name, title, ...kept.about }); // Only its address is known.
    if (!timeline) this.#keepTimeline(room, new Timeline(kept));
    else if (timeline.epoch === kept.epoch && timeline.head < kept.head) timeline.reset(kept);
    else return;
    if (room === this.current) this.tell("opened");
  }

  /** @param {Known} info */
  #know(info) {
    const known = this.rooms.get(info.name);
    if (known) {
      known.describe(info);
      return known;
    }
    const room = new Room(info, this.later);
    this.rooms.set(room.name, room);
    room.on("changed", () => this.tell("room", { room }));
    room.on("presence", () => this.tell("presence", { room }));
    room.on("line", () => this.tell("line", { room }));
    room.typists.on("changed", () => this.tell("typing", { room }));
    this.tell("rooms");
    return room;
  }

  /** @param {Room} room @param {Timeline} timeline */
  #keepTimeline(room, timeline) {
    room.timeline = timeline;
    timeline
      .on("gap", () => this.#catchUp(room).catch(ignoreLost))
      .on("changed", ({ kind, messages = timeline.messages }) => {
        this.tell("messages", { room, kind, messages });
        this.#settle(messages);
        this.recent.keep(room);
      });
    this.#settle(timeline.messages);
    this.recent.keep(room);
  }

  // Messages

  /** @param {import("../types.js").Item} item */
  async #post({ room, text, cid, reply_to }) {
    /** @returns {Promise<{ message: Message }>} */
    const send = () => this.connection.request("message", { room, text, cid, reply_to });
    try {
      return (await send()).message;
    } catch (error) {
      if (!(error instanceof Refused && error.code === "not_a_member")) throw error;
    }
    await this.connection.request("join", { room });
    return (await send()).message;
  }

  /** Events of a room that did not come live, behind those that did.
      @param {Room | undefined} room @param {LoggedEvent[]} events */
  #receive(room, events) {
    this.gathering.takeAll();
    this.#take(room, events, { live: false });
  }

  /** @param {Room | undefined} room @param {LoggedEvent[]} events @param {{ live: boolean }} how */
  #take(room, events, { live }) {
    if (!room) return;
    for (const { sender } of events) room.typists.stopped(sender);
    if (room.timeline) room.timeline.receive(events);
    else if (events.some(({ type }) => type === "edit" || type === "delete")) this.recent.forget(room.name);
    const isWhole = events.every(({ seq }, index) => seq <= (events[index - 1]?.seq ?? room.head) + 1);
    if (!isWhole) return void this.#recount(room).catch(ignoreLost);
    const news = room.hear(events, this.me);
    if (live && news.length > 0) this.tell("heard", { room, messages: /** @type {Message[]} */ (news) });
  }

  /** Own messages that are in the log need not be sent any more.
      @param {Message[]} messages */
  #settle(messages) {
    for (const { sender, cid } of messages) if (cid && sender === this.me) this.outbox.settle(cid);
  }

  /** @param {string} name @param {any} payload what it is, its name says */
  #hear(name, payload) {
    if (!EVENTS_OF_ROOMS.has(name)) this.gathering.takeAll();
    switch (name) {
      case "message":
      case "edit":
      case "delete":
      case "react":
        return this.gathering.add({ type: name, ...payload });
      case "typing":
        if (payload.name === this.me) return; // In another tab.
        return this.rooms.get(payload.room)?.typists.typed(payload.name);
      case "profile":
        return this.people.hear(payload);
      case "presence":
        if (payload.room === GENERAL) this.people.presence(payload); // Whoever is here is there.
        return this.rooms.get(payload.room)?.presence(payload);
      case "room":
        return this.#know(payload);
      case "removed":
        return this.#lose(payload.room);
      case "prefs":
        return this.rooms.get(payload.room)?.prefer(payload);
      case "order":
        return this.takeOrder(payload.rooms);
      case "read":
        return this.#hearRead(this.rooms.get(payload.room), payload);
      case "settings":
        return this.place.become(payload);
      case "erased":
        return this.#erase(payload);
      case "heads":
        return this.#compareHeads(payload);
      case "read_only":
        this.readOnly = payload.on;
        return this.tell("connection");
    }
  }

  /** @param {{ room: string, epoch: string, at: string, seqs: number[] }} news */
  #erase(news) {
    this.recent.pages.keepOnly(news.epoch);
    const timeline = this.rooms.get(news.room)?.timeline;
    if (timeline) timeline.erase(news);
    else this.recent.forget(news.room);
  }

  /** @param {Record<string, number>} heads */
  #compareHeads(heads) {
    for (const [name, head] of Object.entries(heads)) {
      const room = this.rooms.get(name);
      if (room?.timeline && head > room.timeline.head) this.#catchUp(room).catch(ignoreLost);
      if (room?.joined && head > room.head) this.#recount(room).catch(ignoreLost);
    }
  }

  /** Another device of the same person has read.
      @param {Room | undefined} room @param {import("../types.js").Mark} mark */
  #hearRead(room, mark) {
    if (room) this.reading.hear(room, mark);
  }

  /** Something was missed: how much is unread, only the server can say.
      @param {Room} room */
  #recount(room) {
    return once(this.#recounting, room, async () => {
      room.describe((await this.connection.request("join", { room: room.name })).room);
    });
  }

  // What is kept over a reload

  get #roomsKey() {
    return `rooms.${this.me}`;
  }

  #remember() {
    const joined = [...this.rooms.values()].filter((room) => room.joined).map((room) => room.name);
    this.memory.put(this.#roomsKey, joined);
  }
}

/** One at a time for each key; who asks meanwhile gets the same promise.
    @param {Map<Room, Promise<void>>} underWay @param {Room} key @param {() => Promise<void>} step */
function once(underWay, key, step) {
  const promise = underWay.get(key) ?? step().finally(() => underWay.delete(key));
  underWay.set(key, promise);
  return promise;
}

/** A break in the middle is nothing to report: coming online does it again.
    @param {unknown} error */
function ignoreLost(error) {
  if (!(error instanceof Lost)) throw error;
}
