/* One message on the page: the <li> of templates/_message.html, cloned and filled.

   A row is the same node from the moment it is written: pending, sent, changed, deleted. */

import { beginsDay, continues } from "../../lib/messages/grouping.js";
import { filesInShort, filesPart } from "../../lib/page/files-part.js";
import { showFlag } from "../../lib/page/flag.js";
import { cloned, part } from "../../lib/page/parts.js";
import { linkTo } from "../../lib/page/routes.js";
import { sentenceOf } from "../../lib/messages/system-lines.js";
import { actionOf, inShort, isLong } from "../../lib/text/texts.js";
import { clockOf, dayName, exactly } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { ownEmoji } from "../../models/own-emoji.js";
import { showReactions } from "./message-reactions.js";
import { showReplies } from "./message-replies.js";
import { showText } from "./message-text.js";

/** @import { Message, Shown } from "../../types.js" */
/** @import { People } from "../../models/people/people.js" */

/** Whose page it is, and how they see others.
    `thread`: the rows are those of this thread, and stand in no room.
    @typedef {{ me: string, people: People, rooms: { has(name: string): boolean }, isGuest?: boolean, threads: import("../../models/threads/threads.js").Threads, thread?: number }} Reader */

export class MessageRow {
  /** Whether the text is all that it could be. */
  isFormatted = true;
  /** Whether files are only called by their names, and previews not drawn. */
  lacksMore = false;
  /** @type {Shown} */
  message;
  /** Who wrote what it answers.
      @type {string | undefined} */
  quoted;

  /** A new row, of a message or of an item of the outbox, for a reader.
      @param {Shown} message @param {HTMLTemplateElement} template @param {Reader} reader */
  static of(message, template, reader) {
    const row = new MessageRow(cloned(template), reader);
    row.show(message);
    return row;
  }

  /** The row of a message that the server rendered.
      @param {HTMLElement} node @param {string} room @param {Reader} reader */
  static adopt(node, room, reader) {
    const row = new MessageRow(node, reader);
    const { seq, cid, sender = "", by, editedAt, deletedBy, erasedAt, replyTo, thread, replies, moved, reactions, system, says, files, previews, poll, forwarded, via } = node.dataset;
    row.show({
      room,
      seq: Number(seq),
      cid,
      sender,
      by,
      at: row.#time(".at").dateTime,
      text: says ?? (deletedBy || erasedAt ? "" : (row.#part(".text").textContent ?? "")),
      edited_at: editedAt,
      deleted_by: deletedBy,
      erased_at: erasedAt,
      reply_to: replyTo ? Number(replyTo) : undefined,
      thread: thread ? Number(thread) : undefined,
      also_to_room: thread ? true : undefined,
      replies: replies ? JSON.parse(replies) : undefined,
      moved_to: moved ? JSON.parse(moved) : undefined,
      reactions: reactions ? JSON.parse(reactions) : undefined,
      system: system ? JSON.parse(system) : undefined,
      files: files ? JSON.parse(files) : undefined,
      previews: previews ? JSON.parse(previews) : undefined,
      poll: poll ? JSON.parse(poll) : undefined,
      forwarded: forwarded ? JSON.parse(forwarded) : undefined,
      via: via ? JSON.parse(via) : undefined,
    });
    return row;
  }

  /** @param {HTMLElement} node @param {Reader} reader */
  constructor(node, { me, people, rooms, isGuest = false, threads, thread }) {
    this.isGuest = isGuest;
    this.threads = threads;
    this.thread = thread;
    this.node = node;
    this.rooms = rooms;
    this.me = me;
    this.people = people;
  }

  /** @param {Shown} message */
  show(message) {
    this.message = message;
    this.#showMark();
    this.#showSender();
    this.#showText();
    this.showMore();
    showTime(this.#time(".at"), message, clockOf(message.at));
    this.#showQuote();
    this.#showEdited();
    showReactions(this.#part(".reactions"), message.reactions, this);
    this.showReplies();
    this.#showState();
  }

  /** How many have answered in its thread, and how much of that is new. */
  showReplies() {
    const { seq, replies, room } = this.message;
    if (seq && !this.thread) showReplies(this.node, replies, replies ? this.threads.markOf(room, { seq, replies }).unread : 0, this.people);
  }

  /** What it answers: a message, or, where it is shown in the room out of its thread, that of the thread. */
  get answers() {
    return this.message.reply_to ?? (this.thread ? undefined : this.message.thread);
  }

  /** The formatter is loaded. */
  format() {
    if (!this.isFormatted) this.#showText();
  }

  /** The chat has other emoji of its own. */
  showEmoji() {
    if (this.message.text.includes(":") && !this.message.system) this.#showText();
    showReactions(this.#part(".reactions"), this.message.reactions, this);
  }

  /** All of a long text, or its beginning again. */
  toggleWhole() {
    const button = this.#part(".whole");
    const isWhole = this.node.classList.toggle("open");
    button.ariaExpanded = String(isWhole);
    button.textContent = t(isWhole ? "message.less" : "message.whole");
  }

  /** Where it stands: under a new day, or under another message of the same person.
      @param {Shown | undefined} previous */
  follow(previous) {
    const { message } = this;
    const day = this.#part(".day");
    day.hidden = !beginsDay(message, previous);
    if (!day.hidden) showTime(this.#time(".day time"), message, dayName(message.at));
    this.node.classList.toggle("continued", continues(message, previous));
  }

  /** What it answers: the original message, or null if that cannot be had.
      @param {Message | null} original */
  quote(original) {
    this.quoted = original?.sender;
    const name = original ? this.people.shown(original.sender) : "";
    const isOutOfThread = original && original.seq !== this.message.reply_to;
    this.#part(".quoted-sender").textContent = isOutOfThread ? t("thread.out-of", { name }) : name;
    this.#part(".quoted-text").textContent = this.#excerpt(original);
  }

  /** Whether one of these people is named in it.
      @param {Set<string>} names */
  isAbout(names) {
    const { sender, deleted_by: by, reactions, system } = this.message;
    const all = [sender, by, system?.who, this.quoted, ...Object.values(reactions ?? {}).flat()];
    return all.some((name) => name && names.has(name));
  }

  #showMark() {
    const { seq, cid } = this.message;
    if (cid) this.node.dataset.cid = cid;
    if (seq) {
      this.node.id = `${this.thread ? `thread-${this.thread}` : "message"}-${seq}`;
      this.node.dataset.seq = String(seq);
    }
  }

  #showSender() {
    const { sender } = this.message;
    showFlag(this.#part(".flag"), this.people.flag(sender));
    const name = this.#part(".sender");
    name.textContent = this.people.shown(sender);
    name.title = `@${sender}`;
    this.node.dataset.sender = sender;
    this.#part(".role-mark").textContent = this.#mark();
  }

  /** Who is no member of the chat, or more than that. Names of guests may be an account's by now.  */
  #mark() {
    const { sender, by } = this.message;
    const { people, isGuest } = this;
    if (by?.startsWith("guest:")) return isGuest ? "" : t("role.guest");
    return people.mark(sender, { guests: false });
  }

  #showText() {
    if (this.message.system) return this.#showLine();
    const { text } = this.message;
    const gone = this.#goneBecause(this.message);
    this.node.classList.toggle("deleted", gone !== null);
    this.node.classList.toggle("action", actionOf(text) !== null && !this.message.forwarded);
    this.node.classList.toggle("long", isLong(text));
    const node = this.#part(".text");
    this.isFormatted = showText(node, text, { me: this.me, names: this.people.mentionable, rooms: this.rooms });
    ownEmoji.see(text);
    if (gone !== null) node.textContent = gone;
    const { moved_to: place } = this.message;
    if (place?.room) node.replaceChildren(wayTo(place, t("message.moved", { room: place.room })));
  }

  /** Shows what goes with the text. What draws it may be loaded later: until then, the names of files stand
      there, or what the server rendered. */
  showMore() {
    const { files, uploads, previews, poll, forwarded, via } = this.message;
    this.lacksMore = !filesPart.isReady && Boolean(files ?? uploads ?? previews ?? poll ?? forwarded ?? via);
    this.node.classList.toggle("forwarded", Boolean(forwarded));
    this.#showFiles();
    filesPart.showPreviews?.(this);
  }

  #showFiles() {
    const { files, uploads } = this.message;
    const there = this.node.querySelector(":scope > message-files"); // Not those of a thread that is open in it.
    if (!files && !uploads) return there?.remove();
    const node = /** @type {HTMLElement & { show?(row: MessageRow): void }} */ (there ?? document.createElement("message-files"));
    if (!there) this.#part(".said").after(node);
    this.node.classList.toggle("wordless", !this.message.text);
    if (filesPart.isReady) node.show?.(this);
    else if (!there) node.textContent = filesInShort(files);
  }

  /** Loads what draws that, if this row needs it. Without a network, the names of files are there.
      @param {(change: () => void) => void} keepStill */
  async loadMore(keepStill) {
    if (!this.lacksMore) return;
    await filesPart.load().then(
      () => keepStill(() => this.showMore()),
      () => {},
    );
  }

  /** The chat itself says it. */
  #showLine() {
    this.node.classList.add("system");
    this.isFormatted = true;
    const { system, room } = this.message;
    const [seq] = (system?.room === undefined && system?.seqs) || [];
    const said = sentenceOf(this.message, this.people);
    this.#part(".text").replaceChildren(seq ? wayTo({ room, seq }, said) : said);
    if (this.node.querySelector(".run")) return;
    const all = Object.assign(document.createElement("button"), { type: "button", className: "word-button run" });
    all.dataset.do = "run";
    all.textContent = t("system.run");
    this.#part(".said").append(all);
  }

  /** Shows the lines of the chat before this one too, and goes to the first of them. */
  openRun() {
    let first = this.node;
    for (let node = first; node?.classList.contains("system"); ) {
      node.classList.add("open");
      first = node;
      node = /** @type {HTMLElement} */ (node.previousElementSibling);
    }
    first.focus({ preventScroll: true });
  }

  #showQuote() {
    const { reply_to: seq, thread } = this.message;
    const quote = this.#part(".quote");
    quote.hidden = !this.answers || this.#goneBecause(this.message) !== null;
    if (!quote.hidden) quote.setAttribute("href", seq ? `?at=${seq}` : `?thread=${thread}`);
  }

  #showEdited() {
    const { edited_at: at } = this.message;
    this.#part(".edited").hidden = !at || this.#goneBecause(this.message) !== null;
    if (at) Object.assign(this.#time(".edited time"), { dateTime: at, title: exactly(at) });
  }

  #showState() {
    const { state, reason } = this.message;
    const unsent = this.node.querySelector(":scope > .unsent");
    this.node.toggleAttribute("data-reason", Boolean(reason));
    if (state) this.node.dataset.state = state;
    else delete this.node.dataset.state;
    if (!(unsent instanceof HTMLElement)) return;
    unsent.hidden = state !== "waiting" && state !== "failed";
    part(unsent, ".reason").textContent =
      state === "failed" ? t("unsent.failed", { reason: reason ?? "" }) : (reason ?? t("unsent.waits"));
    part(unsent, "[data-do=retry]").hidden = state !== "failed";
  }

  /** @param {Message | null} original */
  #excerpt(original) {
    if (!original) return "…";
    return this.#goneBecause(original) ?? (inShort(original.text) || filesInShort(original.files));
  }

  /** What stands in the place of a text that is gone; null where it is there.
      @param {{ deleted_by?: string, erased_at?: string, moved_to?: unknown, system?: unknown }} message */
  #goneBecause({ deleted_by: by, erased_at: at, moved_to: movedTo, system }) {
    if (system) return null;
    if (movedTo) return t("message.moved.away");
    if (by) return t("message.deleted", { name: this.people.shown(by) });
    return at ? t("message.erased") : null;
  }

  /** @param {string} selector */
  #part(selector) {
    return part(this.node, selector);
  }

  /** @param {string} selector */
  #time(selector) {
    return part(this.node, selector, HTMLTimeElement);
  }
}

/** @param {HTMLTimeElement} node @param {Pick<Shown, "at" | "seq">} message @param {string} text */
function showTime(node, { at, seq }, text) {
  node.dateTime = at;
  node.textContent = text;
  node.title = seq ? `${exactly(at)} · ${t("message.number", { number: String(seq) })}` : exactly(at);
}

/** Leads to a message.
    @param {import("../../wire.js").MovedTo} place @param {string} text */
function wayTo({ room, seq }, text) {
  const link = document.createElement("a");
  link.href = linkTo(room, seq);
  link.textContent = text;
  return link;
}
