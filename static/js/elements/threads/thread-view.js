/* <thread-view>: the replies of a thread and where one writes more of them, under its message in the room, or
   in <thread-pane> beside it. Its rows are those of the room, and so is its composer.

   A view goes from one thread to the next, and is kept for the next one when it is closed. */

import { isInView } from "../../lib/browser/in-view.js";
import { loadFormatter } from "../../lib/markdown/markdown.js";
import { part, write } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { ownEmoji } from "../../models/own-emoji.js";
import { problemOf } from "../../models/refused.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { LogAnnouncer } from "../log/log-announcer.js";
import { LogPresses } from "../log/log-presses.js";
import { LogRows } from "../log/log-rows.js";
import { composerFor } from "./thread-composer.js";
import { ToastNote } from "../page/toast-note.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Item, Message } from "../../types.js" */
/** @import { Thread } from "../../models/threads/thread.js" */
/** @import { MessageRow } from "../message/message-row.js" */

const NEAR_PX = 40;

export class ThreadView extends HTMLElement {
  list = part(this, ".thread-messages");
  earlier = part(this, "[data-do=earlier]", HTMLButtonElement);
  later = part(this, "[data-do=later]", HTMLButtonElement);
  problem = part(this, ".thread-problem");
  /** Where one writes: in the pane, at its foot. */
  foot = part(this, ".thread-foot");
  footer = part(this, ".thread-write");
  also = part(this, ".thread-also input", HTMLInputElement);
  /** Changes rows without moving what one reads: of whatever scrolls them.
      @type {(change: () => void) => void} */
  keepStill = (change) => change();
  /** @type {Chat} */
  chat;
  /** @type {Thread | null} */
  thread = null;
  #announcer = new LogAnnouncer(part(this, "[role=log]"));
  /** @type {LogRows} */
  #rows;
  /** @type {import("../composer/message-composer.js").MessageComposer | null} */
  #made = null;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    const template = part(document, "message-log template", HTMLTemplateElement);
    this.#rows = new LogRows({ list: this.list, template, made: (row) => this.#rowMade(row) });
    const position = { keepTop: (/** @type {Element} */ _, /** @type {() => void} */ change) => this.keepStill(change) };
    new LogPresses({ list: this.list, rows: this.#rows, position, toast: part(document, "toast-note", ToastNote) }).attend(chat);
    this.earlier.addEventListener("click", () => this.#load(this.earlier, () => this.thread?.older()));
    this.later.addEventListener("click", () => this.#load(this.later, () => this.thread?.newer()));
    chat.outbox.on("changed", ({ item, isNew }) => this.#itemChanged(item, isNew));
    chat.outbox.on("gone", ({ item }) => this.#isMine(item) && this.keepStill(() => this.#rows.remove(item.cid)));
    chat.on("people", ({ names }) => this.thread && this.keepStill(() => this.#rows.callOtherwise(names)));
    ownEmoji.on("changed", () => this.thread && this.keepStill(() => this.#rows.showEmoji()));
    chat.on("room", ({ room }) => room === this.thread?.room && this.#showRules());
    for (const news of ["visibilitychange", "focus"]) addEventListener(news, () => this.look());
    document.addEventListener("scroll", () => this.look(), { capture: true, passive: true });
  }

  /** From now on this thread, or none.
      @param {Thread | null} thread */
  show(thread) {
    const { chat } = this;
    this.thread = thread;
    this.list.replaceChildren();
    if (!thread) return;
    const isGuest = chat.isGuest;
    this.#rows.reader = { me: chat.me, people: chat.people, rooms: chat.rooms, threads: chat.threads, isGuest, thread: thread.seq };
    this.#composer.writeIn(thread);
    this.also.checked = false;
    write(part(this.foot, ".thread-also span"), t("thread.also", { room: titleFor(thread.room, chat) }));
    this.#showRules();
    this.#showAll();
  }

  /** @param {{ kind: string, messages: Message[] }} change of its thread */
  changed({ kind, messages }) {
    this.keepStill(() => {
      if (kind === "appended") for (const message of messages) this.#rows.append(message);
      else if (kind === "prepended") this.#rows.prepend(messages);
      else if (kind === "folded") for (const message of messages) this.#rows.refresh(message);
      else this.#showAll();
      this.#showEnds();
    });
    if (kind === "appended") this.#announcer.say(messages.filter(({ sender }) => sender !== this.chat.me), this.chat);
    this.#format();
    this.look();
  }

  /** A reply that somebody looks for: marked, with the focus.
      @param {number} seq */
  seek(seq) {
    for (const sought of document.querySelectorAll(".message[data-sought]")) sought.removeAttribute("data-sought");
    const row = this.#rows.get(seq);
    if (!row) return;
    row.node.dataset.sought = "";
    row.node.scrollIntoView({ block: "center" });
    row.node.focus({ preventScroll: true });
  }

  write() {
    this.#composer.field.focus();
  }

  /** Made when it is first needed. */
  get #composer() {
    if (this.#made) return this.#made;
    this.#made = composerFor(this.chat, this.footer);
    this.#made.about = () => this.#about();
    return this.#made;
  }

  /** What one sees to its end is read. */
  look() {
    const { thread, chat } = this;
    const last = this.list.lastElementChild;
    if (!thread?.isLoaded || !this.isConnected || chat.state !== "online" || chat.view !== "room") return;
    if (!isInView() || (last && !this.#isInSight(last))) return;
    thread.saw();
  }

  /** Whether its end is on the screen, and not behind the composer.
      @param {Element} row */
  #isInSight(row) {
    const { bottom } = row.getBoundingClientRect();
    const scroller = row.closest(".scroller, .thread-scroller")?.getBoundingClientRect();
    if (!scroller) return false;
    const end = this.footer.hidden ? scroller.bottom : Math.min(scroller.bottom, this.foot.getBoundingClientRect().top);
    return bottom > scroller.top && bottom < end + NEAR_PX;
  }

  #showAll() {
    const { thread } = this;
    if (!thread) return;
    const isThere = (/** @type {Item} */ item) => thread.messages.some(({ cid }) => cid === item.cid);
    const unsent = this.chat.outbox.of(thread.room.name).filter((item) => this.#isMine(item) && !isThere(item));
    this.#rows.show([...thread.messages, ...unsent]);
    this.#showEnds();
    this.#format();
  }

  /** The buttons at its ends, and the line before what is new. */
  #showEnds() {
    const { thread } = this;
    this.earlier.hidden = !thread?.moreBefore;
    this.later.hidden = !thread?.moreAfter;
    this.list.querySelector("[data-new-from]")?.removeAttribute("data-new-from");
    const first = thread?.line ? this.#rows.get(thread.line)?.node : null;
    if (first) first.dataset.newFrom = t("unread.line");
  }

  /** Who may not write in the room, or in threads, finds no composer. */
  #showRules() {
    const { joined, archived, readOnly, mayChange, threads } = this.thread?.room ?? {};
    this.footer.hidden = !joined || archived === true || (readOnly === true && !mayChange) || threads === "off";
    this.also.labels?.forEach((label) => (label.hidden = this.footer.hidden));
  }

  #about() {
    const alsoToRoom = this.also.checked;
    this.also.checked = false;
    return { thread: this.thread?.seq, alsoToRoom };
  }

  /** @param {Item} item */
  #isMine({ room, thread }) {
    return thread !== undefined && thread === this.thread?.seq && room === this.thread.room.name;
  }

  /** @param {Item} item @param {boolean} isNew */
  #itemChanged(item, isNew) {
    if (!this.#isMine(item)) return;
    this.keepStill(() => this.#rows.put(item));
    this.#format();
    if (isNew) this.list.lastElementChild?.scrollIntoView({ block: "nearest" });
  }

  /** @param {HTMLButtonElement} button @param {() => unknown} step */
  async #load(button, step) {
    button.disabled = true;
    write(this.problem, "");
    try {
      await step();
    } catch (error) {
      write(this.problem, problemOf(error));
    }
    button.disabled = false;
  }

  /** @param {MessageRow} row */
  async #quote(row) {
    const seq = row.answers;
    if (seq && this.thread) row.quote(await this.chat.history.original(this.thread.room, seq));
  }

  /** @param {MessageRow} row */
  #rowMade(row) {
    this.#quote(row);
    row.loadMore((change) => this.keepStill(change));
  }

  async #format() {
    if ([...this.#rows].every((row) => row.isFormatted)) return;
    try {
      await loadFormatter();
      this.keepStill(() => {
        for (const row of this.#rows) row.format();
      });
    } catch {
      // The network is away. Plain text can be read too; the next rich one asks again.
    }
  }
}

customElements.define("thread-view", ThreadView);
