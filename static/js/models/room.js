/* A room as one person sees it: what it is called, who is there, who is typing, what was said,
   and how much of it they have not read.

   `timeline` is null until the room was opened. `read` is the seq up to which the person has read
   it, on any device; null if they never looked. `line` is where the red line stands: behind it
   begins what was unread when it came, also after it has been read. `held`: marked unread by hand.

   Tells "changed" (name, topic, unread …), "presence", "line". */

import { calls } from "../lib/calls.js";
import { Emitter } from "../lib/emitter.js";
import { Typists } from "./typing.js";

const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

export class Room extends Emitter {
  kind = "public";
  topic = "";
  readOnly = false;
  archived = false;
  slowSeconds = 0;
  mayChange = false;
  joined = false;
  timeline = null;
  problem = null;
  members = [];
  invited = [];
  states = {};
  count = 0;

  head = 0;
  read = null;
  unread = 0;
  mentions = 0;
  level = "all";
  favourite = false;
  line = null;
  held = false;

  constructor(info, later) {
    super();
    this.typists = new Typists(later);
    this.describe(info);
  }

  /** Takes what the server says of the room; lists of rooms come without members. */
  describe(info) {
    const { name, title, count, members, head, states } = info;
    this.name = name;
    this.title = title;
    for (const [field, value] of Object.entries({
      kind: info.kind,
      topic: info.topic,
      readOnly: info.read_only,
      archived: info.archived,
      slowSeconds: info.slow_seconds,
      invited: info.invited,
      mayChange: info.may_change,
      level: info.level,
      favourite: info.favourite,
    })) {
      if (value !== undefined) this[field] = value;
    }
    if (count !== undefined) this.count = count;
    if (info.joined) this.joined = true;
    if (members?.length) {
      this.members = sorted(members);
      this.states = states ?? {};
    }
    if (head !== undefined) this.head = head;
    if (info.read !== undefined) this.takeMark(info);
    this.tell("changed");
    this.tell("presence");
  }

  /** Who came and who went, and who does something else now. */
  presence({ joined, left, count, states = {} }) {
    const gone = new Set(left);
    for (const name of left) {
      this.typists.stopped(name);
      delete this.states[name];
    }
    this.members = sorted(new Set([...this.members.filter((name) => !gone.has(name)), ...joined]));
    this.states = { ...this.states, ...states };
    this.count = count;
    this.tell("presence");
  }

  /** How the person wants to hear of it. */
  prefer({ level, favourite }) {
    Object.assign(this, { level, favourite });
    this.tell("changed");
  }

  // What is unread

  /** How much of it the person wants to be told of. */
  get calling() {
    if (!this.joined || this.level === "nothing") return 0;
    return this.level === "mentions" ? this.mentions : this.unread;
  }

  /** Takes the server's word for it. */
  takeMark({ read, unread, mentions }) {
    const isBack = this.read !== null && read !== null && read < this.read;
    const isNew = unread > 0 && (this.unread === 0 || isBack);
    Object.assign(this, { read, unread, mentions });
    if (isNew) this.#drawLine(read);
    this.tell("changed");
  }

  /** Read up to there; the server is about to say the same. */
  readTo(seq) {
    this.read = seq;
    if (seq >= this.head) this.unread = this.mentions = 0;
    this.tell("changed");
  }

  /** Counts an event that came, once. Gives whether it is a message that was not there before. */
  hear({ seq, type = "message", sender, text }, me) {
    if (seq <= this.head) return false;
    this.head = seq;
    if (type !== "message") return false;
    if (sender !== me && this.read !== null) this.#count(calls(text, me));
    return true;
  }

  /** What was unread is known now: no line, nothing held. */
  release() {
    this.held = false;
    this.#drawLine(null);
  }

  #count(isCalled) {
    if (this.unread === 0) this.#drawLine(this.read);
    this.unread += 1;
    if (isCalled) this.mentions += 1;
    this.tell("changed");
  }

  #drawLine(seq) {
    if (this.line === seq) return;
    this.line = seq;
    this.tell("line");
  }
}

function sorted(names) {
  return [...names].sort(byName.compare);
}
