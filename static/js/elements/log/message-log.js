/* <message-log>: the messages of the open room, and below them what is not sent yet.

   Its rows are in log-rows.js, what is pressed in them in log-presses.js, which of them has the focus in
   log-focus.js, what stands above them in log-top.js, where one reads in log-position.js. Here is what
   they come from: a window on the room's history, which grows at both ends as one scrolls, and what
   happens. */

import { loadFormatter } from "../../lib/markdown/markdown.js";
import { part } from "../../lib/page/parts.js";
import { ownEmoji } from "../../models/own-emoji.js";
import { ignoreUnanswered } from "../../models/refused.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { LogAnnouncer } from "./log-announcer.js";
import { keepOneTabStop } from "./log-focus.js";
import { LogPosition } from "./log-position.js";
import { LogPresses } from "./log-presses.js";
import { LogRows } from "./log-rows.js";
import { LogTop } from "./log-top.js";
import { NewestPill } from "./newest-pill.js";
import { ToastNote } from "../page/toast-note.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Reader } from "../message/message-row.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Item, Message } from "../../types.js" */
/** @import { MessageRow } from "../message/message-row.js" */

const KEEP_AT_END = 80;
const TRIM_BEYOND = 90;
const ROWS_AT_MOST = 390;
const ROWS_KEPT = 320;
const READ_ABOVE = 0.2; // of the screen, above the first unread message

export class MessageLog extends HTMLElement {
  scroller = part(this, ".scroller");
  list = part(this, ".messages");
  toast = part(this, "toast-note", ToastNote);

  #top = new LogTop(this, () => this.#tryAgain());
  #position = new LogPosition(this.scroller, this.list);
  #pill = new NewestPill(part(this, ".to-newest"));
  #announcer = new LogAnnouncer(part(this, "[role=log]"));
  #rows = new LogRows({
    list: this.list,
    template: part(this, "template", HTMLTemplateElement),
    made: (row) => this.#made(row),
  });
  #presses = new LogPresses({ list: this.list, rows: this.#rows, position: this.#position, toast: this.toast });
  #isFormatting = false;

  /** @type {Chat} */
  chat;
  /** @type {string} */
  me;
  /** @type {Room | null} */
  #room = null;
  /** @type {Room["timeline"]} */
  #timeline = null;

  connectedCallback() {
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.#pill.button.addEventListener("click", () => this.#goToNewest());
    document.addEventListener("do-scroll-up", () => this.#position.page(-1));
    document.addEventListener("do-scroll-down", () => this.#position.page(1));
    keepOneTabStop(this.list);
  }

  /** The messages that the server rendered in this room.
      @param {string} room @param {Reader} reader */
  adopt(room, reader) {
    this.me = reader.me;
    this.#rows.adopt(room, reader);
    if ([...this.#rows].some((row) => !row.isFormatted)) this.#formatSoon();
    else delete this.dataset.formatting;
    for (const row of this.#rows) row.loadMore((change) => this.keepStill(change));
    return {
      messages: [...this.#rows].map((row) => /** @type {Message} */ (row.message)),
      moreBefore: this.dataset.moreBefore === "true",
      moreAfter: this.dataset.moreAfter === "true",
    };
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.#announcer.attend(chat);
    this.#presses.attend(chat);
    chat.on("opened", () => this.#open());
    chat.on("messages", (change) => this.#changed(change));
    chat.on("people", ({ names }) => this.keepStill(() => this.#rows.callOtherwise(names)));
    ownEmoji.on("changed", () => this.keepStill(() => this.#rows.showEmoji()));
    chat.on("sought", ({ seq }) => this.#seek(seq));
    chat.on("connection", () => this.#connectionChanged());
    chat.on("room", ({ room }) => room === chat.current && this.#roomChanged(room));
    chat.wishes.on("changed", () => this.#rows.isEmpty && this.#showTop());
    chat.outbox.on("changed", ({ item, isNew }) => this.#itemChanged(item, isNew));
    chat.outbox.on("gone", ({ item }) => this.#itemGone(item));
    chat.threads.on("changed", ({ room, thread }) => room === chat.current.name && this.#rows.get(thread)?.showReplies());
    this.#open();
  }

  // For others

  /** Whether the newest message is in view. */
  get isAtEnd() {
    return this.#position.isAtBottom && !this.#timeline?.moreAfter;
  }

  /** Changes rows without moving what one reads.
      @param {() => void} change */
  keepStill(change) {
    if (this.isAtEnd) change();
    else this.#position.keepStill(change);
  }

  /** Changes a row so that it stays where it begins.
      @param {Element} row @param {() => void} change */
  keepTop(row, change) {
    this.#position.keepTop(row, change);
  }

  /** The node of a message, if it is here.
      @param {number} seq */
  nodeOf(seq) {
    return this.#rows.get(seq)?.node ?? null;
  }

  // Another room

  #open() {
    const { current } = this.chat;
    const isNew = this.#room !== current || this.#timeline !== current.timeline;
    this.#room = current;
    this.#timeline = current.timeline;
    this.#showAll();
    if (!isNew || !this.#goToUnread(current)) this.#goToEnd();
    this.#loadWhenNear();
  }

  /** @param {{ room: Room, kind: string, messages: Message[] }} change */
  #changed({ room, kind, messages }) {
    if (room !== this.chat.current) return;
    switch (kind) {
      case "appended":
        return this.#append(messages);
      case "missed":
        return this.#countUnread(messages);
      case "folded":
        return this.#refresh(messages);
      case "prepended":
        return this.#prepend(messages);
      case "extended":
        return this.#extend(messages);
      case "read":
        return this.keepStill(() => this.#showAll());
      case "trimmed":
      case "cut":
        return this.#dropGone();
      default:
        return this.#showAll();
    }
  }

  #showAll() {
    const messages = this.#timeline?.messages ?? [];
    const isThere = (/** @type {Item} */ item) => messages.some(({ cid }) => cid === item.cid);
    const unsent = this.chat.outbox.of(this.chat.current.name).filter((item) => isInRoom(item) && !isThere(item));
    this.#rows.show([...messages, ...unsent]);
    this.#showTop();
  }

  // New messages

  /** @param {Message[]} messages */
  #append(messages) {
    const wasAtEnd = this.isAtEnd;
    const wasEmpty = this.#rows.isEmpty;
    this.keepStill(() => {
      for (const message of messages) this.#rows.append(message);
    });
    if (wasEmpty) this.#showTop();
    this.#announcer.say(messages.filter((message) => message.sender !== this.me), this.chat);
    if (wasAtEnd) {
      const isLong = this.#timeline && this.#timeline.messages.length > TRIM_BEYOND;
      if (isLong) this.#timeline?.trim(KEEP_AT_END);
    } else {
      this.#countUnread(messages);
      this.#keepFew();
    }
  }

  /** @param {Message[]} messages */
  #countUnread(messages) {
    const others = messages.filter((message) => message.sender !== this.me);
    this.#showPill(this.#pill.count + others.length);
  }

  /** @param {Item} item @param {boolean} isNew written here and now */
  #itemChanged(item, isNew) {
    if (item.room !== this.chat.current.name || !isInRoom(item)) return;
    let isFirst = false;
    this.keepStill(() => {
      isFirst = this.#rows.put(item);
    });
    if (!isFirst) return;
    this.#showTop();
    if (isNew) this.#goToNewest({ behavior: "instant" });
  }

  /** @param {Item} item */
  #itemGone(item) {
    this.keepStill(() => this.#rows.remove(item.cid));
    this.#showTop();
  }

  // Rows that are new, and such that changed

  /** @param {MessageRow} row */
  #made(row) {
    if (!row.isFormatted) this.#formatSoon();
    row.loadMore((change) => this.keepStill(change));
    this.#quote(row);
  }

  /** @param {Message[]} messages */
  #refresh(messages) {
    this.keepStill(() => {
      for (const message of messages) {
        const row = this.#rows.refresh(message);
        if (row && !row.isFormatted) this.#formatSoon();
        row?.loadMore((change) => this.keepStill(change));
        this.chat.history.forget(this.chat.current, message.seq);
      }
    });
  }

  /** Says in a row what it answers: at once if that is here, else when it has come.
      @param {MessageRow} row */
  async #quote(row) {
    const { answers: seq } = row;
    const room = seq && this.chat.rooms.get(row.message.room);
    if (!room) return;
    const here = this.#timeline?.find(seq);
    if (here) row.quote(here);
    else if (this.chat.state === "online") row.quote(await this.chat.history.original(room, seq));
  }

  /** Loads the formatter, and formats the rows that are still plain. */
  async #formatSoon() {
    if (this.#isFormatting) return;
    this.#isFormatting = true;
    try {
      await loadFormatter();
      this.keepStill(() => {
        for (const row of this.#rows) row.format();
      });
    } catch {
      // The network is away. Plain text can be read too; the next rich one asks again.
    }
    delete this.dataset.formatting;
    this.#isFormatting = false;
  }

  // Older messages, and newer ones

  async #loadOlder() {
    const { current } = this.chat;
    if (this.chat.state !== "online" || !this.#timeline?.moreBefore) return;
    await this.#top.load(() => this.chat.history.older(current));
  }

  async #loadNewer() {
    if (this.chat.state !== "online") return;
    try {
      await this.chat.history.newer(this.chat.current);
    } catch (error) {
      ignoreUnanswered(error); // Asked again with the next scrolling, or by the pill.
    }
  }

  #tryAgain() {
    const { current } = this.chat;
    if (current.problem) this.chat.open(current.name);
    else this.#loadOlder();
  }

  /** @param {Message[]} messages */
  #prepend(messages) {
    this.#rows.prepend(messages);
    this.#showTop();
    this.#keepFew();
    this.#loadWhenNear();
  }

  /** @param {Message[]} messages */
  #extend(messages) {
    this.keepStill(() => this.#rows.extend(messages));
    this.#keepFew();
    this.#showPill();
    this.#loadWhenNear();
  }

  /** The page holds a window on the room: the far end of it goes, wherever one reads. */
  #keepFew() {
    if (!this.#timeline || this.#timeline.messages.length <= ROWS_AT_MOST) return;
    if (this.#position.isInUpperHalf) this.#timeline.cut(ROWS_KEPT);
    else this.#timeline.trim(ROWS_KEPT);
  }

  /** Rows whose messages were let go, before or after those that are kept. */
  #dropGone() {
    const { oldest = 0, newest = 0 } = this.#timeline ?? {};
    this.keepStill(() => this.#rows.keep(oldest, newest));
    this.#showTop();
  }

  /** @param {Room} room */
  #roomChanged(room) {
    if (this.#rows.isEmpty) this.#showTop();
    else this.#top.call(titleFor(room, this.chat));
  }

  #showTop() {
    const { current } = this.chat;
    const { isEmpty } = this.#rows;
    const beginsHere = this.#timeline && !this.#timeline.moreBefore;
    this.#top.show({
      title: beginsHere ? titleFor(current, this.chat) : null,
      kind: current.kind,
      isEmpty,
      isWaiting: !this.#timeline && this.chat.state === "offline",
      problem: current.problem,
    });
    this.#top.offer(this.chat, isEmpty && Boolean(beginsHere));
    this.classList.toggle("empty", isEmpty);
  }

  /** Not while one is at the end and the screen is full: then nobody has asked for more yet. */
  #loadWhenNear() {
    const { isShort, isNearTop, isNearBottom } = this.#position.ends;
    if (!this.#top.hasProblem && (isShort || (isNearTop && !this.isAtEnd))) this.#loadOlder();
    if (this.#timeline?.moreAfter && isNearBottom) this.#loadNewer();
  }

  #connectionChanged() {
    this.dataset.connection = this.chat.state;
    for (const row of this.#rows) this.#quote(row);
    this.#showTop();
    this.#loadWhenNear();
  }

  // Where one reads

  #scrolled() {
    this.#position.look();
    this.#showPill(this.isAtEnd ? 0 : undefined);
    this.#loadWhenNear();
  }

  /** @param {number} [count] */
  #showPill(count) {
    this.#pill.show({ count, isAway: this.#position.isFar || Boolean(this.#timeline?.moreAfter) });
  }

  /** To the first unread message, if there is one and it is not on the screen anyway.
      @param {Room} room */
  #goToUnread(room) {
    const first = room.firstUnread(this.me);
    const row = first && this.#rows.get(first.seq);
    if (!row) return false;
    this.#position.goTo(row.node, READ_ABOVE);
    this.#showPill(this.isAtEnd ? 0 : room.unread);
    return true;
  }

  #goToEnd({ behavior = /** @type {ScrollBehavior} */ ("instant") } = {}) {
    this.#position.goToBottom(behavior);
    this.#showPill(0);
  }

  /** To the newest message, which may have to be loaded. */
  async #goToNewest({ behavior = /** @type {ScrollBehavior} */ ("smooth") } = {}) {
    try {
      await this.chat.showNewest();
    } catch (error) {
      return ignoreUnanswered(error); // The pill is still there.
    }
    this.#goToEnd({ behavior });
  }

  /** To a message that somebody asked for: in the middle, marked, with the focus.
      @param {number} seq */
  #seek(seq) {
    this.list.querySelector("[data-sought]")?.removeAttribute("data-sought");
    const row = this.#rows.get(seq);
    if (!row) return;
    row.node.dataset.sought = "";
    this.#position.goTo(row.node, "middle");
    row.node.focus({ preventScroll: true });
    this.#showPill();
  }
}

/** Whether it is shown in the room, and not only in its thread.
    @param {Item} item */
function isInRoom({ thread, also_to_room: alsoToRoom }) {
  return !thread || alsoToRoom === true;
}

customElements.define("message-log", MessageLog);
