/* A room as one person sees it: what it is called, who is there, who is typing, what was said.

   `timeline` is null until the room was opened. `hasNew`: something came in while another room
   was open. Tells "changed" (name, news), "presence". */

import { Emitter } from "../lib/emitter.js";
import { Typists } from "./typing.js";

const byName = new Intl.Collator(undefined, { sensitivity: "base", numeric: true });

export class Room extends Emitter {
  joined = false;
  hasNew = false;
  timeline = null;
  problem = null;
  members = [];
  count = 0;

  constructor(info, later) {
    super();
    this.typists = new Typists(later);
    this.describe(info);
  }

  /** Takes what the server says of the room; lists of rooms come without members. */
  describe({ name, title, kind, count, members }) {
    this.name = name;
    this.title = title;
    this.kind = kind ?? "public";
    if (count !== undefined) this.count = count;
    if (members?.length) this.members = sorted(members);
    this.tell("changed");
    this.tell("presence");
  }

  /** Who came and who went. */
  presence({ joined, left, count }) {
    const gone = new Set(left);
    for (const name of left) this.typists.stopped(name);
    this.members = sorted(new Set([...this.members.filter((name) => !gone.has(name)), ...joined]));
    this.count = count;
    this.tell("presence");
  }

  mark(hasNew) {
    if (this.hasNew === hasNew) return;
    this.hasNew = hasNew;
    this.tell("changed");
  }
}

function sorted(names) {
  return [...names].sort(byName.compare);
}
