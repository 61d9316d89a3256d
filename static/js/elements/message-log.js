/* <message-log>: the messages of the open room, and below them what is not sent yet.

   The scroller is laid out from its end (column-reverse), so the browser itself keeps the newest
   message in view while one is at the end, and keeps still what one reads while older pages come
   in above. Only for what comes in below while one reads further up, the position is moved by
   hand; the browser's own anchoring is off, so that nothing is moved twice. */

import { load as loadFormatter } from "../lib/markdown.js";
import { actionOf } from "../lib/texts.js";
import { t } from "../lib/words.js";
import { Lost, Refused } from "../models/refused.js";
import { MessageRow } from "./message-row.js";

const AT_END_PX = 40;
const LOAD_WITHIN_PX = 900;
const KEEP_AT_END = 150;
const TRIM_BEYOND = 250;
const ROWS_AT_MOST = 400;
const ROWS_KEPT = 320;
const ANNOUNCED_FOR_MS = 8_000;
const READ_ABOVE = 0.2; // of the screen, above the first unread message

class MessageLog extends HTMLElement {
  #rows = new Map(); // by seq, or by cid while there is none
  #timeline = null;
  #room = null;
  #unread = 0;
  #isAtBottom = true;
  #isFormatting = false;

  connectedCallback() {
    this.scroller = this.querySelector(".scroller");
    this.list = this.querySelector(".messages");
    this.template = this.querySelector("template");
    this.beginning = this.querySelector(".beginning");
    this.loading = this.querySelector(".loading");
    this.problem = this.querySelector(".load-problem");
    this.toNewest = this.querySelector(".to-newest");
    this.announcer = this.querySelector("[role=log]");
    this.toast = this.querySelector(".toast");
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.toNewest.addEventListener("click", () => this.#goToNewest());
    this.list.addEventListener("click", (event) => this.#pressed(event));
    this.problem.querySelector("button").addEventListener("click", () => this.#tryAgain());
  }

  /** The messages that the server rendered in this room, for the reader `me`. */
  adopt(room, me) {
    this.me = me;
    const rows = [...this.list.children].map((node) => MessageRow.adopt(node, room, me));
    for (const row of rows) this.#rows.set(row.message.seq, row);
    if (rows.some((row) => !row.isFormatted)) this.#formatSoon();
    else delete this.dataset.formatting;
    return {
      messages: rows.map((row) => row.message),
      moreBefore: this.dataset.moreBefore === "true",
      moreAfter: this.dataset.moreAfter === "true",
    };
  }

  attend(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#open());
    chat.on("messages", (change) => this.#changed(change));
    chat.on("sought", ({ seq }) => this.#seek(seq));
    chat.on("connection", () => this.#connectionChanged());
    chat.outbox.on("changed", ({ item }) => this.#itemChanged(item));
    chat.outbox.on("gone", ({ item }) => this.#itemGone(item));
    this.#open();
  }

  // Another room

  #open() {
    const { current } = this.chat;
    const isNew = this.#room !== current || this.#timeline !== current.timeline;
    this.#room = current;
    this.#timeline = current.timeline;
    this.#showAll();
    if (!isNew || !this.#goToUnread()) this.#goToEnd();
    this.#loadWhenNear();
  }

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
      case "trimmed":
      case "cut":
        return this.#dropGone();
      default:
        return this.#showAll();
    }
  }

  #showAll() {
    const old = this.#rows;
    this.#rows = new Map();
    const messages = [...(this.#timeline?.messages ?? []), ...this.#unsent];
    const nodes = messages.map((message) => {
      const known = old.get(keyOf(message));
      const row = known?.message === message ? known : this.#newRow(message);
      this.#rows.set(keyOf(message), row);
      this.#quote(row);
      return row.node;
    });
    this.list.replaceChildren(...nodes);
    this.#arrange(this.list.firstElementChild);
    this.#showTop();
  }

  get #unsent() {
    const isThere = (item) => this.#timeline?.messages.some((message) => message.cid === item.cid);
    return this.chat.outbox.of(this.chat.current.name).filter((item) => !isThere(item));
  }

  // New messages

  #append(messages) {
    const wasAtEnd = this.#isAtEnd;
    this.#keepingStill(() => {
      for (const message of messages) this.#appendOne(message);
    });
    this.#showTop();
    this.#announce(messages.filter((message) => message.sender !== this.me));
    if (wasAtEnd) {
      if (this.#timeline.messages.length > TRIM_BEYOND) this.#timeline.trim(KEEP_AT_END);
    } else {
      this.#countUnread(messages);
      this.#keepFew();
    }
  }

  #countUnread(messages) {
    this.#unread += messages.filter((message) => message.sender !== this.me).length;
    this.#showPill();
  }

  /** A message of one's own takes over the row that it had while it was pending. */
  #appendOne(message) {
    const pending = message.sender === this.me && this.#rows.get(message.cid);
    const row = pending || this.#newRow(message);
    const place = this.#firstUnsent;
    const left = row.node.nextElementSibling;
    if (pending) {
      this.#rows.delete(message.cid);
      row.show(message);
    }
    this.#rows.set(message.seq, row);
    this.#quote(row);
    if (place !== row.node) this.list.insertBefore(row.node, place);
    this.#arrange(row.node, row.node.nextElementSibling);
    if (left) this.#arrange(left, left);
  }

  get #firstUnsent() {
    let first = null;
    for (let node = this.list.lastElementChild; node && !node.dataset.seq; node = node.previousElementSibling) {
      first = node;
    }
    return first;
  }

  #itemChanged(item) {
    if (item.room !== this.chat.current.name) return;
    const known = this.#rows.get(item.cid);
    if (known) {
      this.#keepingStill(() => known.show(item));
    } else {
      const row = this.#newRow(item);
      this.#rows.set(item.cid, row);
      this.#quote(row);
      this.list.append(row.node);
      this.#arrange(row.node);
      this.#showTop();
      this.#goToNewest({ behavior: "instant" });
    }
  }

  #itemGone(item) {
    const row = this.#rows.get(item.cid);
    if (!row) return;
    this.#rows.delete(item.cid);
    const next = row.node.nextElementSibling;
    this.#keepingStill(() => row.node.remove());
    this.#arrange(next, next);
    this.#showTop();
  }

  #announce(messages) {
    for (const { sender, text } of messages.slice(-3)) {
      const line = document.createElement("p");
      line.textContent = actionOf(text) ? `${sender} ${actionOf(text).deed}` : `${sender}: ${text}`;
      this.announcer.append(line);
      setTimeout(() => line.remove(), ANNOUNCED_FOR_MS);
    }
  }

  // Messages that changed

  #refresh(messages) {
    this.#keepingStill(() => {
      for (const message of messages) this.#refreshOne(message);
    });
  }

  #refreshOne(message) {
    const row = this.#rows.get(message.seq);
    if (!row) return;
    row.show(message);
    if (!row.isFormatted) this.#formatSoon();
    this.#arrange(row.node, row.node.nextElementSibling);
    this.chat.history.forget(this.chat.current, message.seq);
    for (const each of this.#rows.values()) if (each.message.reply_to === message.seq) each.quote(message);
  }

  /** Says in a row what it answers: at once if that is here, else when it has come. */
  async #quote(row) {
    const { room, reply_to: seq } = row.message;
    if (!seq) return;
    const here = this.#timeline?.find(seq);
    if (here) row.quote(here);
    else if (this.chat.state === "online") {
      row.quote(await this.chat.history.original(this.chat.rooms.get(room), seq));
    }
  }

  #newRow(message) {
    const row = MessageRow.of(message, this.template, this.me);
    if (!row.isFormatted) this.#formatSoon();
    return row;
  }

  /** Loads the formatter, and formats the rows that are still plain. */
  async #formatSoon() {
    if (this.#isFormatting) return;
    this.#isFormatting = true;
    try {
      await loadFormatter();
      this.#keepingStill(() => {
        for (const row of this.#rows.values()) row.format();
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
    this.loading.hidden = false;
    this.problem.hidden = true;
    try {
      await this.chat.history.older(current);
    } catch (error) {
      this.problem.hidden = false;
      this.problem.firstElementChild.textContent = t("log.problem", { reason: error.message });
    }
    this.loading.hidden = true;
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

  #prepend(messages) {
    const first = this.list.firstElementChild;
    this.list.prepend(...this.#rowsOf(messages));
    this.#arrange(this.list.firstElementChild, first);
    this.#showTop();
    this.#keepFew();
    this.#loadWhenNear();
  }

  #extend(messages) {
    const left = this.#firstUnsent;
    const last = left ? left.previousElementSibling : this.list.lastElementChild;
    const nodes = this.#rowsOf(messages);
    this.#keepingStill(() => nodes.forEach((node) => this.list.insertBefore(node, left)));
    this.#arrange(last ?? nodes[0], left);
    this.#keepFew();
    this.#showPill();
    this.#loadWhenNear();
  }

  #rowsOf(messages) {
    return messages.map((message) => {
      const row = this.#newRow(message);
      this.#rows.set(message.seq, row);
      this.#quote(row);
      return row.node;
    });
  }

  /** The page holds a window on the room: the far end of it goes, wherever one reads. */
  #keepFew() {
    if (this.#timeline.messages.length <= ROWS_AT_MOST) return;
    const { scrollTop, scrollHeight, clientHeight } = this.scroller;
    const isInUpperHalf = -scrollTop > (scrollHeight - clientHeight) / 2;
    if (isInUpperHalf) this.#timeline.cut(ROWS_KEPT);
    else this.#timeline.trim(ROWS_KEPT);
  }

  /** Rows whose messages were let go, before or after those that are kept. */
  #dropGone() {
    const { oldest, newest } = this.#timeline;
    this.#keepingStill(() => {
      for (const [seq, row] of this.#rows) {
        if (typeof seq !== "number" || (seq >= oldest && seq <= newest)) continue;
        this.#rows.delete(seq);
        row.node.remove();
      }
    });
    this.#arrange(this.list.firstElementChild, this.list.firstElementChild);
    this.#showTop();
  }

  #showTop() {
    const { current } = this.chat;
    const isEmpty = this.list.childElementCount === 0;
    this.beginning.hidden = !this.#timeline || this.#timeline.moreBefore;
    this.beginning.querySelector(".beginning-title").textContent = current.title;
    this.beginning.querySelector(".beginning-text").textContent = isEmpty
      ? t("log.empty")
      : t("log.begins");
    this.problem.hidden = !current.problem;
    this.problem.firstElementChild.textContent = current.problem ?? "";
    this.classList.toggle("empty", isEmpty);
  }

  /** Not while one is at the end and the screen is full: then nobody has asked for more yet. */
  #loadWhenNear() {
    const { scrollHeight, clientHeight, scrollTop } = this.scroller;
    const isShort = scrollHeight <= clientHeight;
    const isNear = scrollHeight - clientHeight + scrollTop < LOAD_WITHIN_PX;
    if (this.problem.hidden && (isShort || (isNear && !this.#isAtEnd))) this.#loadOlder();
    if (this.#timeline?.moreAfter && -scrollTop < LOAD_WITHIN_PX) this.#loadNewer();
  }

  #connectionChanged() {
    this.dataset.connection = this.chat.state;
    for (const row of this.#rows.values()) this.#quote(row);
    this.#loadWhenNear();
  }

  // Position

  /** Whether the newest message is in view. */
  get isAtEnd() {
    return this.#isAtEnd;
  }

  /** Known since the last scrolling, because to ask for it lays out the whole list again. */
  get #isAtEnd() {
    return this.#isAtBottom && !this.#timeline?.moreAfter;
  }

  /** Scrolling up is negative in a scroller that is laid out from its end. */
  #lookWhere() {
    this.#isAtBottom = this.scroller.scrollTop > -AT_END_PX;
  }

  /** To the newest message, which may have to be loaded. */
  async #goToNewest({ behavior = "smooth" } = {}) {
    try {
      await this.chat.showNewest();
    } catch (error) {
      return ignoreUnanswered(error); // The pill is still there.
    }
    this.#goToEnd({ behavior });
  }

  /** To the first unread message, if there is one and it is not on the screen anyway. */
  #goToUnread() {
    const { line, unread } = this.#room;
    const isUnread = ({ seq, sender }) => seq > line && sender !== this.me;
    const first = line === null ? null : this.#timeline?.messages.find(isUnread);
    if (!first) return false;
    this.#rows.get(first.seq).node.scrollIntoView({ block: "start" });
    this.scroller.scrollTop -= this.scroller.clientHeight * READ_ABOVE;
    this.#lookWhere();
    this.#unread = this.#isAtEnd ? 0 : unread;
    this.#showPill();
    return true;
  }

  /** To a message that somebody asked for: in the middle, marked, with the focus. */
  #seek(seq) {
    this.list.querySelector("[data-sought]")?.removeAttribute("data-sought");
    const row = this.#rows.get(seq);
    if (!row) return;
    row.node.dataset.sought = "";
    row.node.scrollIntoView({ block: "center" });
    this.#lookWhere();
    row.node.focus({ preventScroll: true });
    this.#showPill();
  }

  #goToEnd({ behavior = "instant" } = {}) {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: 0, behavior: isCalm ? "instant" : behavior });
    this.#lookWhere();
    this.#unread = 0;
    this.#showPill();
  }

  /** For others who change rows: what one reads does not move. */
  keepStill(change) {
    this.#keepingStill(change);
  }

  /** Changes what stands below without moving what one reads. */
  #keepingStill(change) {
    if (this.#isAtEnd) return change();
    const anchor = this.#anchor;
    const before = anchor?.getBoundingClientRect().top;
    change();
    if (anchor?.isConnected) {
      this.scroller.scrollTop += anchor.getBoundingClientRect().top - before;
    }
    this.#lookWhere();
  }

  /** The first row that one sees. */
  get #anchor() {
    const top = this.scroller.getBoundingClientRect().top;
    const rows = this.list.children;
    let [low, high] = [0, rows.length - 1];
    while (low < high) {
      const middle = (low + high) >> 1;
      if (rows[middle].getBoundingClientRect().bottom > top) high = middle;
      else low = middle + 1;
    }
    return rows[low];
  }

  #scrolled() {
    this.#lookWhere();
    if (this.#isAtEnd) this.#unread = 0;
    this.#showPill();
    this.#loadWhenNear();
  }

  #showPill() {
    const isFar = -this.scroller.scrollTop > this.scroller.clientHeight;
    this.toNewest.hidden = !this.#unread && !isFar && !this.#timeline?.moreAfter;
    this.toNewest.classList.toggle("news", this.#unread > 0);
    this.toNewest.lastElementChild.textContent = pillText(this.#unread);
  }

  /** Says of each row from one to another, or to the end, how it stands to the one before. */
  #arrange(from, to = null) {
    for (let node = from; node; node = node.nextElementSibling) {
      this.#rowOf(node).follow(this.#rowOf(node.previousElementSibling)?.message);
      if (node === to) break;
    }
  }

  #rowOf(node) {
    return node && this.#rows.get(node.dataset.seq ? Number(node.dataset.seq) : node.dataset.cid);
  }

  #pressed(event) {
    const { target } = event;
    if (target.closest(".quote")) return this.#jump(event);
    const action = target.closest("[data-do]")?.dataset.do;
    if (!action) return;
    const { cid } = target.closest(".message").dataset;
    if (action === "retry") this.chat.outbox.retry(cid);
    if (action === "discard") this.chat.outbox.discard(cid);
  }

  /** To the message that is quoted. With a key held it is a link like any other. */
  async #jump(event) {
    if (event.ctrlKey || event.metaKey || event.shiftKey || event.altKey) return;
    event.preventDefault();
    const { message } = this.#rowOf(event.target.closest(".message"));
    try {
      await this.chat.show(this.chat.current.name, message.reply_to);
    } catch (error) {
      ignoreUnanswered(error);
      this.toast.textContent = error.message;
    }
  }
}

function ignoreUnanswered(error) {
  if (!(error instanceof Lost || error instanceof Refused)) throw error;
}

function keyOf({ seq, cid }) {
  return seq ?? cid;
}

function pillText(unread) {
  if (unread === 0) return t("log.newest");
  return t("log.new", { count: unread });
}

customElements.define("message-log", MessageLog);
