/* One person's chat: which room is open, what people do, and the connection. Its other parts are the
   rooms (known-rooms.js), how each comes up to date (catching-up.js), and what the server tells
   (hearing.js).

   Knows nothing of the page and nothing of Socket.IO: a connection is anything that can
   `request(event, payload)` (a promise of the ack; throws Refused or Lost), `emit(event, payload)`,
   and tells "online", "offline", "refused" and "event" {name, payload}.

   Coming online is the same the first time and after each break: join what one is in, fetch what
   one missed, then send what waits. Nothing of that is left half done by another break, because
   the next coming online does all of it again.

   Tells "opened" (another room is on), "view" (the inbox is on, or a room again), "rooms" (there are others than before), "connection"
   (its `state` changed, or whether the server is `readOnly`), "people" {names} (these are shown otherwise),
   "refused" {code, message} (the server will not have us), "sought" {room,
   seq} (that message is to be looked at), "thread" {room, thread, seq} (and that thread, with a reply in it), "entered" {room} (an address has led into a room that one was
   not in), "invited" {room}, "missed" {turnOn()} (one was mentioned and did not look), "saved" {name, payload} (what is told of saved messages, or that some are due), "answered" (a bot answers one in private), "webhook-off" (an admin is told that this one was switched off), "unreached" {room, names} (these were called, and may not see what was said), "out-of-office" {room, people} (these were written to, and are), and of any
   room: "lost" {room} (we may not see it any more), "room" {room}, "presence" {room}, "line" {room}, "typing" {room}, "messages" {room, kind,
   messages}, and "heard" {room, messages} for those that came live. */

import { Emitter } from "../lib/browser/emitter.js";
import { GENERAL } from "../lib/page/routes.js";
import { t } from "../lib/text/words.js";
import { CatchingUp } from "./log/catching-up.js";
import { Changes } from "./message/changes.js";
import { Drafts } from "./composer/drafts.js";
import { Hearing } from "./log/hearing.js";
import { MessageHistory } from "./log/history.js";
import { KnownRooms } from "./rooms/known-rooms.js";
import { Wishes } from "./page/notices.js";
import { Outbox } from "./composer/outbox.js";
import { ownEmoji } from "./own-emoji.js";
import { People } from "./people/people.js";
import { Place } from "./page/place.js";
import { Reading } from "./log/reading.js";
import { Recent } from "./log/recent.js";
import { Refused, ignoreLost, ignoreUnanswered } from "./refused.js";
import { LetterShortcuts } from "./page/shortcuts.js";
import { Timeline } from "./log/timeline.js";
import { Threads } from "./threads/threads.js";
import { OwnTyping } from "./log/typing.js";

/** @import { Memory } from "../lib/storage/memory.js" */
/** @import { Connection, Later, Message, Now, Profile, RoomInfo, Shown } from "../types.js" */
/** @import { Start } from "./log/history.js" */
/** @import { OwnPresence } from "./people/presence.js" */
/** @import { Known, Room } from "./rooms/room.js" */
/** @import { Shelf } from "../lib/storage/shelf.js" */
/** @import { Pages, Tables } from "./log/recent.js" */
/** @import { Page } from "./log/timeline.js" */

/** What the browser keeps over a restart, and `alone(step)`: only one tab at a time does it.
    @typedef {{
      outbox: Shelf, drafts: Shelf, tables: Tables, pages: Pages, alone: (step: () => Promise<void>) => Promise<void> }} Kept */

/** What the server wrote into the page.
    @typedef {{ guest?: boolean, people?: Profile[], place?: import("./page/place.js").Settings, rooms: Known[], room: Known & Start } & Omit<Page, "epoch" | "head">} Begin */
/** @typedef {{
     opened: void, view: void, rooms: void, connection: void, people: { names: Set<string> },
     refused: import("../wire.js").Problem,
     sought: { room: Room, seq: number },
     thread: { room: Room, thread: number, seq?: number },
     invited: { room: Room },
     unreached: { room: Room, names: string[] },
     "out-of-office": { room: Room, people: Profile[] },
     missed: { turnOn: () => unknown },
     saved: { name: string, payload: any },
     answered: import("../wire.js").CommandAnswer,
     "webhook-off": import("../wire.js").WebhookOff,
     lost: { room: Room }, room: { room: Room }, presence: { room: Room }, line: { room: Room }, typing: { room: Room },
     messages: { room: Room, kind: string, messages: Message[] },
     heard: { room: Room, messages: Message[] },
   }} News */

const ASK_AGAIN_SECONDS = 5;

/** @extends {Emitter<News>} */
export class Chat extends Emitter {
  /** @type {"connecting" | "online" | "offline"} */
  state = "connecting";
  /** Whether the server takes nothing new: its disk is full or failing, or its files were changed. */
  readOnly = false;
  /** @type {OwnPresence} given by <own-status> */
  presence;
  /** @type {Room} */
  current;
  /** @type {"room" | "inbox" | "threads" | "saved"} what the page shows */
  view = "room";
  isGuest = false;
  /** @type {import("./files/uploads.js").Uploads | undefined} what was given of files; there once there are any */
  uploads;
  savedCount = 0; // as the server said when one came online
  /** @type {import("./lists/saved.js").Saved | undefined} what one has saved; there with what opens over the page */
  saved;
  /** @type {import("./page/notify-rules.js").NotifyRules | undefined} what rings; there with what opens over the page */
  rules;
  #turn = 0; // counts connections and breaks, so that what was begun in an earlier one is seen

  /** `later(step, seconds)`, `soon(step)`, `now()`, `newId()`, `memory` and `kept` come from the
      browser, or a test.
      @param {{
        connection: Connection, me: string, id?: string, role?: string, memory: Memory, kept: Kept, newId: () => string, now: Now,
        later: Later, soon?: (step: () => void) => void,
      }} parts */
  constructor({ connection, me, id = "", role = "guest", memory, kept, newId, now, later, soon = (step) => step() }) {
    super();
    this.connection = connection;
    this.me = me;
    this.id = id;
    this.memory = memory;
    this.now = now;
    this.later = later;
    this.soon = soon;
    this.known = new KnownRooms(this);
    this.catchingUp = new CatchingUp(this);
    this.hearing = new Hearing(this);
    this.people = new People({ connection, now, me });
    this.history = new MessageHistory(connection);
    this.changes = new Changes({
      connection,
      me,
      role,
      isOwn: (message) => this.isOwn(message),
      receive: (room, events) => this.hearing.receive(room, events),
    });
    this.place = new Place(role);
    this.typing = new OwnTyping(now);
    this.reading = new Reading(connection, later);
    this.threads = new Threads(this);
    this.wishes = new Wishes({ memory, me });
    this.letters = new LetterShortcuts({ memory, me });
    this.outbox = new Outbox({
      sender: me,
      post: (item) => this.#post(item),
      pause: (seconds) => new Promise((resolve) => later(resolve, seconds)),
      shelf: kept.outbox,
      alone: kept.alone,
      memory,
      newId,
      now,
      files: {
        holdOf: (keys) => (this.uploads ? this.uploads.holdOf(keys) : { isFailed: false, reason: t("unsent.uploading") }),
        again: (keys) => this.uploads?.again(keys),
        sendAgain: (keys) => this.uploads?.sendAgain(keys),
        forget: (keys) => this.uploads?.forget(keys),
      },
    });
    this.drafts = new Drafts({ me, shelf: kept.drafts, memory });
    this.recent = new Recent({ me, tables: kept.tables, pages: kept.pages, later });
    this.people.on("changed", ({ names }) => {
      this.known.callOtherwise(names);
      this.tell("people", { names });
    });
    this.outbox.on("sent", ({ message }) => this.hearing.receive(this.rooms.get(message.room), [message]));
    connection
      .on("online", () => this.#comeOnline())
      .on("offline", () => this.#goOffline())
      .on("refused", (refusal) => this.tell("refused", refusal))
      .on("event", ({ name, payload }) => this.hearing.hear(name, payload));
  }

  /** Those that one may see, by name. */
  get rooms() {
    return this.known.byName;
  }

  /** The room that one has before one's eyes; null in the inbox. */
  get opened() {
    return this.view === "room" ? this.current : null;
  }

  /** Whether one wrote a message: names may have been others' before. Older messages say no more
      than the name, which an account had for itself.
      @param {Shown} message */
  isOwn({ by, sender }) {
    return by ? by === this.id : sender === this.me && !this.isGuest;
  }

  // What the page starts with

  /** Begins with what the server wrote into the page: all rooms, and the open one's messages.
      @param {Begin} page */
  begin({ guest = false, place, people = [], rooms, room, ...page }) {
    if (place) this.place.become(place);
    this.isGuest = guest;
    const senders = (page.messages ?? []).map(({ sender }) => sender);
    this.people.begin(people);
    this.people.areKnown([this.me, ...senders, ...(room.members ?? [])]);
    for (const info of rooms) this.known.learn(info);
    this.current = this.known.learn(room);
    this.known.joinRemembered();
    this.catchingUp.keep(this.current, new Timeline({ epoch: room.epoch, head: room.head, ...page }));
    this.known.remember();
    this.catchingUp.showKept(this.current);
  }

  // What people do

  /** Shows the inbox, or the room that was open before.
      @param {Chat["view"]} view */
  look(view) {
    if (this.view === view) return;
    this.view = view;
    this.tell("view");
  }

  /** Shows a room, and joins it, or only looks at it. What goes wrong stands in the room's `problem`.
      @param {string} name @param {{ joins?: boolean }} [how] */
  async open(name, { joins = true } = {}) {
    const room = this.rooms.get(name) ?? this.known.learn({ name, title: name });
    if (room !== this.current && this.current.unread === 0) this.current.release();
    this.current = room;
    room.joined ||= joins;
    room.held = false;
    this.look("room");
    this.known.remember();
    this.tell("rooms");
    this.tell("opened");
    await this.#comeTo(room);
  }

  /** Joins the room that one looks at, and reads on where one is.
      @param {Room} room */
  async join(room) {
    room.joined = true;
    this.known.remember();
    this.tell("rooms");
    await this.#comeTo(room);
  }

  /** @param {Room} room */
  async #comeTo(room) {
    if (this.state !== "online") return void this.catchingUp.showKept(room);
    try {
      await this.catchingUp.come(room);
    } catch (error) {
      ignoreLost(error);
      if (this.state === "online") this.catchingUp.noteProblem(room, t("problem.no-answer"));
    }
  }

  /** Makes a room, and gives the name that the server gave it; throws Refused or Lost.
      @param {string} name @param {string} title @param {RoomInfo["kind"]} [kind] @param {string[]} [members] */
  async create(name, title, kind = "public", members = []) {
    const { room } = await this.connection.request("create", { room: name, title, kind, members });
    return this.known.learn(room).name;
  }

  /** The name of the room where one talks with these people and nobody else; throws Refused or Lost.
      @param {string[]} names */
  async talkTo(...names) {
    const { room } = await this.connection.request("create", { kind: "direct", members: names });
    return this.known.learn(room).name;
  }

  /** Leaves a room for good; one is in general then, if it was open.
      @param {string} name */
  async leave(name) {
    const room = this.rooms.get(name);
    if (!room) return;
    room.joined = false;
    room.timeline = null;
    this.recent.leave(name);
    this.known.remember();
    const left = this.connection.request("leave", { room: name }).catch(ignoreLost);
    if (room === this.current) await this.open(GENERAL);
    else this.tell("rooms");
    await left;
  }

  /** Into the room, or into a thread of it.
      @param {string} text @param {import("./composer/outbox.js").About} [about] @param {string} [place] under what its draft was kept */
  post(text, about = {}, place = this.current.name) {
    this.typing.sent(this.current.name);
    if (!about.thread) this.current.release();
    const uploads = this.uploads?.of(place).map(({ key }) => key);
    const item = this.outbox.add(this.current.name, text, { ...about, uploads });
    if (uploads?.length) this.uploads?.give(uploads, item.cid);
    return item;
  }

  /** The part of the page that is about files is there.
      @param {import("./files/uploads.js").Uploads} uploads */
  async takeUploads(uploads) {
    this.uploads = uploads;
    uploads.on("changed", ({ upload }) => upload.cid && this.outbox.filesChanged());
    this.on("connection", () => this.state === "online" && uploads.wake());
    await Promise.all([uploads.ready, this.outbox.ready]);
    uploads.keepOnly((cid) => Boolean(this.outbox.get(cid)));
    this.outbox.filesChanged();
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
    this.look("room");
    const { current } = this;
    if (!current.timeline) return;
    if (!current.timeline.find(seq)) {
      const message = await this.history.original(current, seq);
      const isFolded = message?.thread && !message.also_to_room;
      if (isFolded) return this.tell("thread", { room: current, thread: message.thread ?? 0, seq });
      await this.history.around(current, current.timeline, seq);
    }
    this.tell("sought", { room: current, seq });
  }

  /** Goes to a thread, and to a reply in it.
      @param {string} name @param {number} thread @param {number} [seq] */
  async showThread(name, thread, seq) {
    if (name !== this.current.name) await this.open(name);
    this.look("room");
    this.tell("thread", { room: this.current, thread, seq });
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
    if (current.timeline?.moreAfter) await this.catchingUp.newest(current, current.timeline);
  }

  /** The room is there, but not for us any more.
      @param {string} name */
  lose(name) {
    const room = this.rooms.get(name);
    if (!room) return;
    this.rooms.delete(name);
    this.recent.leave(name);
    this.known.remember();
    this.tell("lost", { room });
    if (room === this.current) this.open(GENERAL);
    else this.tell("rooms");
  }

  /** Asks how all rooms are now, as far as there is a connection. */
  refresh() {
    return this.#learnRooms().catch(ignoreLost);
  }

  async #learnRooms() {
    const { rooms, threads_unread: threads = 0, saved = 0, saved_due: due, emoji } = await this.connection.request("rooms", {});
    this.threads.begin(threads);
    this.savedCount = saved;
    ownEmoji.compare(emoji ?? "");
    if (due) this.tell("saved", { name: "due", payload: {} });
    for (const info of rooms) this.known.learn(info);
    return rooms;
  }

  // The connection

  async #comeOnline() {
    const turn = (this.#turn += 1);
    try {
      const rooms = await this.#learnRooms();
      if (!this.isGuest) this.known.joinAsTold(rooms);
      this.recent.keepOnly(rooms);
      this.#setState("online");
      await this.catchingUp.come(this.current);
      for (const room of this.rooms.values()) {
        if (room.joined && room !== this.current) await this.catchingUp.enter(room);
      }
      if (turn === this.#turn) this.outbox.goOnline();
    } catch (error) {
      ignoreUnanswered(error);
      // Still connected: the server was too busy to answer.
      this.later(() => turn === this.#turn && this.#comeOnline(), ASK_AGAIN_SECONDS);
    }
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

  /** @param {import("../types.js").Item} item */
  async #post({ room, text, cid, reply_to, thread, also_to_room, uploads }) {
    const send = async () => {
      const files = uploads && this.uploads?.named(uploads);
      const { message, unreached, out_of_office: people } = await this.connection.request("message", { room, text, cid, reply_to, thread, also_to_room, ...(files && { files }) });
      const posted = this.rooms.get(room);
      if (posted && unreached?.length) this.tell("unreached", { room: posted, names: unreached });
      if (posted && people) this.tell("out-of-office", { room: posted, people });
      return message;
    };
    try {
      return await send();
    } catch (error) {
      if (!(error instanceof Refused && error.code === "not_a_member")) throw error;
    }
    await this.connection.request("join", { room });
    return send();
  }
}
