/* <inbox-view>: the inbox, in place of a room. J and K, or the arrow keys, go from room to room, E marks
   one as read, Enter opens it. */

import { around, cloned, fill, opensElsewhere, part, write } from "../lib/parts.js";
import { linkTo, pathOf } from "../lib/routes.js";
import { inShort } from "../lib/texts.js";
import { clockOf, dayName, exactly } from "../lib/times.js";
import { calls } from "../lib/tokens.js";
import { t } from "../lib/words.js";
import { Inbox } from "../models/inbox.js";
import { ignoreUnanswered } from "../models/refused.js";
import { iconOf, titleFor } from "../models/rooms.js";
import { showBadge } from "./unread-badge.js";

/** @import { Chat } from "../models/chat.js" */
/** @import { Entry } from "../models/inbox.js" */
/** @import { Message } from "../types.js" */

const KEYS = [
  ["inbox.keys.move", "J", "K"],
  ["inbox.keys.read", "E"],
  ["inbox.keys.open", "Enter"],
];
const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };

class InboxView extends HTMLElement {
  heading = part(this, "h1");
  list = part(this, ".inbox-list");
  empty = part(this, ".inbox-empty");
  status = part(this, ".inbox-status");
  more = part(this, "[data-do=more]");
  templates = this.querySelectorAll("template");
  /** @type {Map<string, HTMLElement>} by the names of rooms */
  #items = new Map();
  /** @type {Chat} */
  chat;
  /** @type {Inbox} */
  inbox;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.inbox = new Inbox(chat);
    this.inbox.on("changed", () => this.#show());
    chat.on("view", () => this.#turn());
    document.addEventListener("do-inbox", () => chat.look("inbox"));
    chat.on("people", () => chat.view === "inbox" && this.#show());
    this.addEventListener("click", (event) => this.#pressed(event));
    this.addEventListener("keydown", (event) => this.#keyed(event));
    this.heading.after(keysHint());
    this.list.addEventListener("focusin", (event) => this.#choose(around(event, ".inbox-room")));
  }

  /** To the inbox, or back to the room. */
  #turn() {
    const isOn = this.chat.view === "inbox";
    document.body.classList.toggle("in-inbox", isOn);
    if (isOn) this.heading.focus({ preventScroll: true });
  }

  #show() {
    const { entries, state, problem, hasMore, undoable } = this.inbox;
    const hadFocus = this.list.contains(document.activeElement) || document.activeElement === this.heading;
    const at = [...this.list.children].findIndex((item) => item.contains(document.activeElement));
    this.#items = new Map(entries.map((entry) => [entry.room.name, this.#items.get(entry.room.name) ?? cloned(this.templates[0])]));
    fill(this.list, entries.map((entry) => this.#item(entry)));
    this.more.hidden = !hasMore;
    this.empty.hidden = entries.length > 0 || hasMore || state === "loading";
    write(part(this.empty, "p"), state === "failed" ? problem : t("inbox.empty"));
    write(part(this.status, "span"), undoable ? t("inbox.read", { room: titleFor(undoable, this.chat) }) : "");
    part(this.status, "button").hidden = undoable === null;
    if (hadFocus && !this.list.contains(document.activeElement)) this.#focus(Math.max(at, 0));
  }

  /** The room that stands there now, or the last one.
      @param {number} at */
  #focus(at) {
    const items = this.list.children;
    const item = items[Math.min(at, items.length - 1)];
    if (item instanceof HTMLElement) item.focus();
    else this.heading.focus({ preventScroll: true });
    this.#choose(item ?? null);
  }

  /** One of them is reached by Tab: the one that had the focus last.
      @param {Element | null} chosen */
  #choose(chosen) {
    for (const item of this.list.children) if (item instanceof HTMLElement) item.tabIndex = item === chosen ? 0 : -1;
  }

  /** @param {Entry} entry */
  #item({ room, messages }) {
    const item = /** @type {HTMLElement} */ (this.#items.get(room.name));
    const title = titleFor(room, this.chat);
    item.dataset.room = room.name;
    item.ariaLabel = title;
    const link = part(item, "h2 a", HTMLAnchorElement);
    link.href = pathOf(room.name);
    write(part(link, "bdi"), title);
    part(link, "use", SVGElement).setAttribute("href", `#icon-${iconOf(room)}`);
    showBadge(part(item, ".badge"), room);
    part(item, "ol").replaceChildren(...messages.map((message) => this.#row(message)));
    const others = room.calling - messages.length;
    const rest = part(item, ".inbox-rest");
    rest.hidden = others <= 0;
    write(rest, t("inbox.rest", { count: Math.max(others, 0) }));
    if (this.list.children.length === 0) item.tabIndex = 0;
    return item;
  }

  /** @param {Message} message */
  #row({ room, seq, sender, text, at }) {
    const { people, me } = this.chat;
    const row = cloned(this.templates[1]);
    const link = part(row, "a", HTMLAnchorElement);
    link.href = linkTo(room, seq);
    link.dataset.seq = String(seq);
    link.classList.toggle("calls", calls(text, me, people.mentionable));
    const { letter, hue, pattern } = people.flag(sender);
    const flag = part(row, ".flag");
    write(flag, letter);
    Object.assign(flag.dataset, { hue, pattern });
    write(part(row, ".inbox-sender"), people.shown(sender));
    const time = part(row, "time", HTMLTimeElement);
    time.dateTime = at;
    time.title = exactly(at);
    const day = dayName(at);
    write(time, day === dayName(new Date().toISOString()) ? clockOf(at) : `${day}, ${clockOf(at)}`);
    write(part(row, ".inbox-text"), inShort(text));
    return row;
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const link = around(event, "a");
    const entry = this.#entryOf(around(event, ".inbox-room"));
    const step = around(event, "[data-do]")?.dataset.do;
    if (step === "more") this.inbox.loadMore();
    else if (step === "undo") this.#undo();
    else if (step === "read" && entry) this.inbox.read(entry);
    else if (link && entry && !opensElsewhere(event)) {
      event.preventDefault();
      this.#open(entry, Number(link.dataset.seq));
    }
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const at = [...this.list.children].findIndex((item) => item.contains(document.activeElement));
    const entry = this.#entryOf(this.list.children[at]);
    const step = STEPS[/** @type {"j"} */ (key)];
    if (step) this.#focus(Math.max(at + step, 0));
    else if (key === "e" && entry) this.inbox.read(entry);
    else if (key === "Enter" && entry && document.activeElement === this.list.children[at]) this.#open(entry);
    else return;
    event.preventDefault();
  }

  /** @param {Entry} entry @param {number} [seq] a message of it */
  async #open({ room }, seq) {
    try {
      if (seq) await this.chat.show(room.name, seq);
      else await this.chat.open(room.name);
    } catch (error) {
      ignoreUnanswered(error); // Its place does not come now; the room itself says why.
    }
  }

  async #undo() {
    try {
      const entry = await this.inbox.undo();
      if (entry) this.#focus(this.inbox.entries.indexOf(entry));
    } catch (error) {
      ignoreUnanswered(error);
    }
  }

  /** @param {Element | null | undefined} item */
  #entryOf(item) {
    const name = item instanceof HTMLElement ? item.dataset.room : undefined;
    return this.inbox.entries.find(({ room }) => room.name === name) ?? null;
  }
}

/** What the keys do, for the eye. */
function keysHint() {
  const hint = Object.assign(document.createElement("p"), { className: "inbox-keys", ariaHidden: "true" });
  for (const [does, ...keys] of KEYS) {
    const group = document.createElement("span");
    group.append(...keys.map((key) => Object.assign(document.createElement("kbd"), { textContent: key })), t(does));
    hint.append(group);
  }
  return hint;
}

customElements.define("inbox-view", InboxView);
