/* One person's chat: the rooms, which of them is open, and what goes between them and the server.

   Knows nothing of the page and nothing of Socket.IO: a connection is anything that can
   `request(event, payload)` (a promise of the ack; throws Refused or Lost), `emit(event, payload)`,
   and tells "online", "offline", "refused" and "event" {name, payload}.

   Coming online is the same the first time and after each break: join what one is in, fetch what
   one missed, then send what waits. Nothing of that is left half done by another break, because
   the next coming online does all of it again.

   Tells "opened" (another room is on), "rooms" (there are others than before), "connection"
   (its `state` changed), "refused" {code, message} (the server will not have us), and of any
   room: "room" {room}, "presence" {room}, "typing" {room}, "messages" {room, kind, messages}. */

import { Emitter } from "../lib/emitter.js";
import { Outbox } from "./outbox.js";
import { Lost, Refused } from "./refused.js";
import { Room } from "./room.js";
import { Timeline } from "./timeline.js";
import { OwnTyping } from "./typing.js";

export const GENERAL = "general";
const PAGE_SIZE = 50;
const ASK_AGAIN_SECONDS = 5;

export class Chat extends Emitter {
  state = "connecting";
  rooms = new Map();
  #turn = 0; // counts connections and breaks, so that what was begun in an earlier one is seen
  #catchingUp = new Map();
  #loadingOlder = new Map();

  /* `later(step, seconds)`, `now()`, `newId()` and `memory` come from the browser, or a test. */
  constructor({ connection, me, memory, newId, now, later }) {
    super();
    Object.assign(this, { connection, me, memory, later });
    this.typing = new OwnTyping(now);
    this.outbox = new Outbox({
      sender: me,
      post: (item) => this.#post(item),
      pause: (seconds) => new Promise((resolve) => later(resolve, seconds)),
      memory,
      newId,
      now,
    });
    this.outbox.on("sent", ({ message }) => this.#receive(this.rooms.get(message.room), [message]));
    connection
      .on("online", () => this.#comeOnline())
      .on("offline", () => this.#goOffline())
      .on("refused", (refusal) => this.tell("refused", refusal))
      .on("event", ({ name, payload }) => this.#hear(name, payload));
  }

  // What the page starts with

  /** Begins with what the server wrote into the page: all rooms, and the open one's messages. */
  begin({ rooms, room, messages, moreBefore }) {
    const mine = new Set([GENERAL, room.name, ...this.memory.get(this.#roomsKey, [])]);
    for (const info of rooms) this.#know(info);
    for (const name of mine) if (this.rooms.has(name)) this.rooms.get(name).joined = true;
    this.current = this.#know(room);
    this.current.joined = true;
    this.#keepTimeline(
      this.current,
      new Timeline({ epoch: room.epoch, head: room.head, messages, moreBefore }),
    );
    this.#remember();
  }

  // What people do

  /** Shows a room, and joins it. What goes wrong stands in the room's `problem`. */
  async open(name) {
    const room = this.rooms.get(name) ?? this.#know({ name, title: name });
    this.current = room;
    room.joined = true;
    room.mark(false);
    this.#remember();
    this.tell("rooms");
    this.tell("opened");
    if (this.state !== "online") return;
    try {
      await this.#enter(room);
    } catch (error) {
      ignoreLost(error);
      if (this.state === "online") this.#noteProblem(room, "The server did not answer.");
    }
  }

  /** Makes a room, and gives the name that the server gave it; throws Refused or Lost. */
  async create(name, title) {
    const { room } = await this.connection.request("create", { room: name, title });
    return this.#know(room).name;
  }

  /** Leaves a room for good, and opens general. */
  async leave(name) {
    const room = this.rooms.get(name);
    room.joined = false;
    room.timeline = null;
    this.#remember();
    const left = this.connection.request("leave", { room: name }).catch(ignoreLost);
    await this.open(GENERAL);
    await left;
  }

  post(text) {
    this.typing.sent(this.current.name);
    return this.outbox.add(this.current.name, text);
  }

  /** A key was pressed in the composer. */
  typed() {
    if (this.state === "online" && this.typing.isDue(this.current.name)) {
      this.connection.emit("typing", { room: this.current.name });
    }
  }

  /** Puts the next older page before what is there; throws Refused or Lost. */
  loadOlder(room) {
    if (!room.timeline?.moreBefore) return Promise.resolve();
    return once(this.#loadingOlder, room, async () => {
      const { timeline } = room;
      const before = timeline.oldest;
      const { messages, more } = await this.connection.request("history", {
        room: room.name,
        before,
        limit: PAGE_SIZE,
      });
      // Trimmed or begun again meanwhile: this page would leave a hole.
      if (timeline.oldest === before) timeline.prepend(messages, more.before);
    });
  }

  // The connection

  async #comeOnline() {
    const turn = (this.#turn += 1);
    try {
      const { rooms } = await this.connection.request("rooms", {});
      for (const info of rooms) this.#know(info);
      this.#setState("online");
      await this.#enter(this.current);
      for (const room of this.rooms.values()) {
        if (room.joined && room !== this.current) await this.#enter(room);
      }
      if (turn === this.#turn) this.outbox.goOnline();
    } catch (error) {
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
      // Still connected: the server was too busy to answer.
      this.later(() => turn === this.#turn && this.#comeOnline(), ASK_AGAIN_SECONDS);
    }
  }

  #goOffline() {
    this.#turn += 1;
    this.outbox.goOffline();
    for (const room of this.rooms.values()) room.typists.clear();
    this.#setState("offline");
  }

  #setState(state) {
    if (this.state === state) return;
    this.state = state;
    this.tell("connection");
  }

  // Rooms

  /** Joins a room and brings it up to date: what was missed, or the newest page if it is new. */
  async #enter(room) {
    try {
      const { room: info } = await this.connection.request("join", { room: room.name });
      room.describe(info);
      room.problem = null;
      if (room.timeline) await this.#catchUp(room);
      else if (room === this.current) await this.#load(room, info);
      else if (info.head > (this.memory.get(this.#seenKey(room)) ?? info.head)) room.mark(true);
    } catch (error) {
      if (!(error instanceof Refused)) throw error;
      room.joined = false;
      this.#remember();
      if (error.code === "no_such_room" && room !== this.current) this.rooms.delete(room.name);
      this.#noteProblem(room, error.message);
    }
  }

  #noteProblem(room, problem) {
    room.problem = problem;
    this.tell("rooms");
    if (room === this.current) this.tell("opened");
  }

  async #load(room, { epoch, head }) {
    const { messages, more } = await this.connection.request("history", {
      room: room.name,
      limit: PAGE_SIZE,
    });
    const start = { epoch, head, messages, moreBefore: more.before };
    if (room.timeline) room.timeline.reset(start);
    else this.#keepTimeline(room, new Timeline(start));
    if (room === this.current) this.tell("opened");
  }

  /** Everything after the head. Beyond one answer it is quicker to begin at the newest page. */
  #catchUp(room) {
    return once(this.#catchingUp, room, async () => {
      const { timeline } = room;
      const answer = await this.connection.request("resume", {
        room: room.name,
        epoch: timeline.epoch,
        after: timeline.head,
      });
      if (answer.recovered && !answer.more) this.#receive(room, answer.events);
      else await this.#load(room, answer);
    });
  }

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
    room.typists.on("changed", () => this.tell("typing", { room }));
    this.tell("rooms");
    return room;
  }

  #keepTimeline(room, timeline) {
    room.timeline = timeline;
    this.#sawHead(room);
    timeline
      .on("gap", () => this.#catchUp(room).catch(ignoreLost))
      .on("changed", ({ kind, messages = timeline.messages }) => {
        this.#settle(messages);
        this.#sawHead(room);
        this.tell("messages", { room, kind, messages });
      });
    this.#settle(timeline.messages);
  }

  // Messages

  async #post({ room, text, cid }) {
    const send = () => this.connection.request("message", { room, text, cid });
    try {
      return (await send()).message;
    } catch (error) {
      if (error.code !== "not_a_member") throw error;
    }
    await this.connection.request("join", { room });
    return (await send()).message;
  }

  #receive(room, events) {
    if (!room) return;
    for (const { sender } of events) room.typists.stopped(sender);
    room.timeline?.receive(events);
    const isNews = ({ type = "message", sender }) => type === "message" && sender !== this.me;
    if (room !== this.current && events.some(isNews)) room.mark(true);
  }

  /** Own messages that are in the log need not be sent any more. */
  #settle(messages) {
    for (const { sender, cid } of messages) if (cid && sender === this.me) this.outbox.settle(cid);
  }

  #hear(name, payload) {
    switch (name) {
      case "message":
      case "edit":
      case "delete":
      case "react":
        return this.#receive(this.rooms.get(payload.room), [{ type: name, ...payload }]);
      case "typing":
        if (payload.name === this.me) return; // In another tab.
        return this.rooms.get(payload.room)?.typists.typed(payload.name);
      case "presence":
        return this.rooms.get(payload.room)?.presence(payload);
      case "room":
        return this.#know(payload);
      case "heads":
        return this.#compareHeads(payload);
    }
  }

  #compareHeads(heads) {
    for (const [name, head] of Object.entries(heads)) {
      const room = this.rooms.get(name);
      if (room?.timeline && head > room.timeline.head) this.#catchUp(room).catch(ignoreLost);
    }
  }

  // What is kept over a reload

  get #roomsKey() {
    return `rooms.${this.me}`;
  }

  #seenKey(room) {
    return `seen.${this.me}.${room.name}`;
  }

  #remember() {
    const joined = [...this.rooms.values()].filter((room) => room.joined).map((room) => room.name);
    this.memory.put(this.#roomsKey, joined);
  }

  #sawHead(room) {
    if (room === this.current) this.memory.put(this.#seenKey(room), room.timeline.head);
  }
}

/** One at a time for each key; who asks meanwhile gets the same promise. */
function once(underWay, key, step) {
  if (!underWay.has(key)) {
    underWay.set(
      key,
      step().finally(() => underWay.delete(key)),
    );
  }
  return underWay.get(key);
}

/** A break in the middle is nothing to report: coming online does it again. */
function ignoreLost(error) {
  if (!(error instanceof Lost)) throw error;
}
