/* A room as one person sees it: what it is called, who is there, who is typing, what was said,
   and how much of it they have not read.

   `timeline` is null until the room was opened. `read` is the seq up to which the person has read
   it, on any device; null if they never looked. `line` is where the red line stands: behind it
   begins what was unread when it came, also after it has been read. `held`: marked unread by hand.
   `isWatched()`: whether what comes is read as it comes, which draws no line.

   Tells "changed" (name, topic, unread …), "presence", "line". */

import { calls } from "../../lib/text/tokens.js";
import { Emitter } from "../../lib/browser/emitter.js";
import { isInForce } from "./muting.js";
import { Typists } from "../log/typing.js";

const DAY_SECONDS = 24 * 60 * 60;

const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

/** @import { Names } from "../../lib/text/tokens.js" */
/** @import { Later, LoggedEvent, Mark, Message, Presence, Profile, RoomEvent, RoomInfo, State } from "../../types.js" */
/** @import { Timeline } from "../log/timeline.js" */

/** Some of what there is to know.
    @typedef {Partial<RoomInfo> & Pick<RoomInfo, "name" | "title">} Known */

/** @extends {Emitter<{ changed: void, presence: void, line: void }>} */
export class Room extends Emitter {
  /** @type {RoomInfo["kind"]} */
  kind = "public";
  /** @type {RoomInfo["group"]} of a direct one whose people can change */
  group;
  topic = "";
  readOnly = false;
  archived = false;
  mayChange = false;
  joined = false;
  /** @type {NonNullable<RoomInfo["threads"]>} */
  threads = "free";
  /** @type {Timeline | null} */
  timeline = null;
  /** @type {Map<number, import("../threads/thread.js").Thread>} those that are open, by their roots */
  open = new Map();
  /** @type {string | null} */
  problem = null;
  /** @type {string[]} */
  members = [];
  /** @type {string | undefined} the last of them that the server has listed */
  after;
  /** @type {string[]} */
  invited = [];
  /** @type {Record<string, State>} */
  states = {};
  count = 0;
  /** @type {string | null} when something last happened */
  lastAt = null;

  head = 0;
  /** @type {number | null} */
  read = null;
  unread = 0;
  mentions = 0;
  /** @type {RoomInfo["level"]} what the person wants to hear of, when the room is not muted */
  ownLevel = "all";
  favourite = false;
  /** @type {string | null} when one's mute of it ends: models/rooms/muting.js */
  mutedUntil = null;
  /** @type {Partial<RoomInfo>} what the server says of it; its `pins` follow what happens */
  facts = {};
  /** not to be listed until something happens in it */
  closed = false;
  /** @type {number | null} where the person wants it in their list */
  place = null;
  /** @type {number | null} */
  line = null;
  held = false;
  isWatched = () => false;
  /** @type {Later} */
  #later;
  #endMute = () => {};

  /** @param {Known} info @param {Later} later */
  constructor(info, later) {
    super();
    this.typists = new Typists(later);
    this.#later = later;
    this.describe(info);
  }

  /** Takes what the server says of the room; lists of rooms come without members.
      @param {Known} info */
  describe(info) {
    const { name, title, count, members, head, states } = info;
    /** @type {string} */
    this.name = name;
    /** @type {string} */
    this.title = title;
    Object.assign(this.facts, info);
    this.kind = info.kind ?? this.kind;
    this.group = info.group ?? this.group;
    this.topic = info.topic ?? this.topic;
    this.readOnly = info.read_only ?? this.readOnly;
    this.archived = info.archived ?? this.archived;
    this.threads = info.threads ?? this.threads;
    this.invited = info.invited ?? this.invited;
    this.mayChange = info.may_change ?? this.mayChange;
    this.ownLevel = info.level ?? this.ownLevel;
    this.favourite = info.favourite ?? this.favourite;
    if (info.muted_until !== undefined) this.#mute(info.muted_until);
    this.closed = info.closed ?? this.closed;
    this.place = info.place ?? this.place;
    if (count !== undefined) this.count = count;
    this.lastAt = info.last_at ?? this.lastAt;
    if (info.joined) this.joined = true;
    if (members?.length) {
      this.members = [];
      this.states = states ?? {};
      this.#list(members);
    }
    if (head !== undefined) this.head = head;
    const { read, unread = 0, mentions = 0 } = info;
    if (read !== undefined) this.takeMark({ read, unread, mentions });
    this.tell("changed");
    this.tell("presence");
  }

  /** Takes the next of those who are there: `after` tells which these are.
      @param {Profile[]} people */
  listMore(people) {
    for (const { name, state } of people) if (state && state !== "online") this.states[name] = state;
    this.#list(people.map(({ name }) => name));
    this.tell("presence");
  }

  /** @param {string[]} names as the server lists them */
  #list(names) {
    this.after = names.at(-1);
    this.members = sorted([...this.members, ...names]);
  }

  /** Who came and who went, and who does something else now.
      @param {Pick<Presence, "joined" | "left" | "count" | "states">} news */
  presence({ joined, left, count, states = {} }) {
    const gone = new Set(left);
    for (const name of left) {
      this.typists.stopped(name);
      delete this.states[name];
    }
    this.members = sorted([...this.members.filter((name) => !gone.has(name)), ...joined]);
    this.states = { ...this.states, ...states };
    this.count = count;
    this.tell("presence");
  }

  /** How the person wants to hear of it.
      @param {Pick<RoomInfo, "level" | "favourite" | "muted_until" | "closed">} prefs */
  prefer({ level, favourite, muted_until: until, closed }) {
    Object.assign(this, { ownLevel: level, favourite, closed });
    this.#mute(until);
    this.tell("changed");
  }

  get isMuted() {
    return isInForce(this.mutedUntil, new Date());
  }

  /** What the person wants to hear of now. */
  get level() {
    return this.isMuted ? "nothing" : this.ownLevel;
  }

  /** A mute ends by itself, which is to be seen.
      @param {string | null} until */
  #mute(until) {
    if (until === this.mutedUntil) return;
    this.#endMute();
    this.mutedUntil = until;
    this.#wake();
  }

  #wake() {
    if (!this.isMuted || this.mutedUntil === "always") return;
    const seconds = (new Date(this.mutedUntil ?? 0).getTime() - Date.now()) / 1000;
    this.#endMute = this.#later(() => (this.isMuted ? this.#wake() : this.tell("changed")), Math.min(seconds, DAY_SECONDS));
  }

  /** A message that is on the page: in the room, or in one of its threads that is open.
      @param {number} seq @returns {Message | undefined} */
  find(seq) {
    return this.timeline?.find(seq) ?? [...this.open.values()].map((thread) => thread.find(seq)).find(Boolean);
  }

  /** Shows what is going to happen, before the log has it, wherever the message stands.
      @param {RoomEvent} event */
  foresee(event) {
    this.timeline?.foresee(event);
    for (const thread of this.open.values()) thread.foresee(event);
  }

  // What is unread

  /** The first message of others behind the line, if it is on the page.
      @param {string} me */
  firstUnread(me) {
    const { line } = this;
    if (line === null) return undefined;
    return this.timeline?.messages.find(({ seq, sender, system }) => seq > line && sender !== me && !system);
  }

  /** How much of it the person wants to be told of: of a room that they are not in, where they are
      called. */
  get calling() {
    if (this.level === "nothing") return 0;
    return this.joined && this.level === "all" ? this.unread : this.mentions;
  }

  /** Somebody calls the person, who is not in it. */
  isCalled() {
    this.mentions += 1;
    this.tell("changed");
  }

  /** Takes the server's word for it, but where it has forgotten: models/log/reading.js reminds it.
      @param {Mark} mark */
  takeMark({ read, unread, mentions }) {
    if (read === null && this.read !== null) return;
    const isBack = this.read !== null && read !== null && read < this.read;
    const isNew = unread > 0 && (this.unread === 0 || isBack);
    Object.assign(this, { read, unread, mentions });
    if (isNew && (isBack || !this.isWatched())) this.#drawLine(read);
    this.tell("changed");
  }

  /** Read up to there; the server is about to say the same.
      @param {number} seq */
  readTo(seq) {
    this.read = seq;
    if (seq < this.head || this.unread === 0) return;
    this.unread = this.mentions = 0;
    this.tell("changed");
  }

  /** Counts events that came, each once. Gives the messages that were not there before.
      @param {LoggedEvent[]} events @param {string} me @param {Names} [names] those that may be mentioned */
  hear(events, me, names) {
    const last = events.findLast(({ seq }) => seq > this.head);
    const news = events.filter((event) => {
      const { seq, type = "message" } = event;
      if (seq <= this.head) return false;
      this.facts.pins = pinned(this.facts.pins, event);
      this.head = seq;
      return type === "message";
    });
    if (last) Object.assign(this, { lastAt: last.at, closed: false });
    const others = news.filter(({ sender, system }) => sender !== me && !system);
    if (others.length > 0 && this.read !== null) this.#count(others, me, names);
    else if (last) this.tell("changed");
    return news;
  }

  /** What was unread is known now: no line, nothing held. */
  release() {
    this.held = false;
    this.#drawLine(null);
  }

  /** @param {LoggedEvent[]} messages @param {string} me @param {Names} [names] */
  #count(messages, me, names) {
    if (this.unread === 0 && !this.isWatched()) this.#drawLine(this.read);
    this.unread += messages.length;
    this.mentions += messages.filter(({ text }) => calls(text, me, names)).length;
    this.tell("changed");
  }

  /** @param {number | null} seq */
  #drawLine(seq) {
    if (this.line === seq) return;
    this.line = seq;
    this.tell("line");
  }
}

/** The messages that are pinned after an event, the one that was pinned last first.
    @param {number[] | undefined} pins @param {LoggedEvent} event */
function pinned(pins = [], { type, target, system }) {
  const { what = "", seqs = [] } = system ?? {};
  const others = type === "delete" ? [target] : what.endsWith("pinned") ? seqs : [];
  return [...(what === "pinned" ? seqs : []), ...pins.filter((seq) => !others.includes(seq))];
}

/** @param {Iterable<string>} names */
function sorted(names) {
  return [...new Set(names)].sort(byName.compare);
}
