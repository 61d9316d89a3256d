/* <message-log>: the messages of the open room, and below them what is not sent yet.

   The scroller is laid out from its end (column-reverse), so the browser itself keeps the newest
   message in view while one is at the end, and keeps still what one reads while older pages come
   in above. Only for what comes in below while one reads further up, the position is moved by
   hand; the browser's own anchoring is off, so that nothing is moved twice. */

import { actionOf } from "../lib/texts.js";
import { MessageRow } from "./message-row.js";

const AT_END_PX = 40;
const LOAD_WITHIN_PX = 900;
const KEEP_AT_END = 150;
const TRIM_BEYOND = 250;
const ANNOUNCED_FOR_MS = 8_000;

class MessageLog extends HTMLElement {
  #rows = new Map(); // by seq, or by cid while there is none
  #timeline = null;
  #unread = 0;

  connectedCallback() {
    this.scroller = this.querySelector(".scroller");
    this.list = this.querySelector(".messages");
    this.template = this.querySelector("template");
    this.beginning = this.querySelector(".beginning");
    this.loading = this.querySelector(".loading");
    this.problem = this.querySelector(".load-problem");
    this.toNewest = this.querySelector(".to-newest");
    this.announcer = this.querySelector("[role=log]");
    this.scroller.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.toNewest.addEventListener("click", () => this.#goToEnd({ behavior: "smooth" }));
    this.list.addEventListener("click", (event) => this.#pressed(event));
    this.problem.querySelector("button").addEventListener("click", () => this.#tryAgain());
  }

  /** The messages that the server rendered. */
  adopt(room) {
    const rows = [...this.list.children].map((node) => MessageRow.adopt(node, room));
    for (const row of rows) this.#rows.set(row.message.seq, row);
    return {
      messages: rows.map((row) => row.message),
      moreBefore: this.dataset.moreBefore === "true",
    };
  }

  attend(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#open());
    chat.on("messages", (change) => this.#changed(change));
    chat.on("connection", () => this.#connectionChanged());
    chat.outbox.on("changed", ({ item }) => this.#itemChanged(item));
    chat.outbox.on("gone", ({ item }) => this.#itemGone(item));
    this.#open();
  }

  // Another room

  #open() {
    this.#timeline = this.chat.current.timeline;
    this.#showAll();
    this.#goToEnd();
    this.#loadWhenNear();
  }

  #changed({ room, kind, messages }) {
    if (room !== this.chat.current) return;
    if (kind === "appended") this.#append(messages);
    else if (kind === "prepended") this.#prepend(messages);
    else if (kind === "trimmed") this.#trim();
    else this.#showAll();
  }

  #showAll() {
    const old = this.#rows;
    this.#rows = new Map();
    const messages = [...(this.#timeline?.messages ?? []), ...this.#unsent];
    const nodes = messages.map((message) => {
      const known = old.get(keyOf(message));
      const row = known?.message === message ? known : MessageRow.of(message, this.template);
      this.#rows.set(keyOf(message), row);
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
    this.#announce(messages.filter((message) => message.sender !== this.chat.me));
    if (wasAtEnd) {
      if (this.#timeline.messages.length > TRIM_BEYOND) this.#timeline.trim(KEEP_AT_END);
    } else {
      this.#unread += messages.filter((message) => message.sender !== this.chat.me).length;
      this.#showPill();
    }
  }

  /** A message of one's own takes over the row that it had while it was pending. */
  #appendOne(message) {
    const pending = message.sender === this.chat.me && this.#rows.get(message.cid);
    const row = pending || MessageRow.of(message, this.template);
    const place = this.#firstUnsent;
    const left = row.node.nextElementSibling;
    if (pending) {
      this.#rows.delete(message.cid);
      row.show(message);
    }
    this.#rows.set(message.seq, row);
    if (place !== row.node) this.list.insertBefore(row.node, place);
    this.#arrange(row.node, row.node.nextElementSibling);
    if (left) this.#arrange(left, left);
  }

  get #firstUnsent() {
    return this.list.querySelector(":scope > :not([data-seq])");
  }

  #itemChanged(item) {
    if (item.room !== this.chat.current.name) return;
    const known = this.#rows.get(item.cid);
    if (known) {
      this.#keepingStill(() => known.show(item));
    } else {
      const row = MessageRow.of(item, this.template);
      this.#rows.set(item.cid, row);
      this.list.append(row.node);
      this.#arrange(row.node);
      this.#showTop();
      this.#goToEnd();
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

  // Older messages

  async #loadOlder() {
    const { current } = this.chat;
    if (this.chat.state !== "online" || !this.#timeline?.moreBefore) return;
    this.loading.hidden = false;
    this.problem.hidden = true;
    try {
      await this.chat.history.older(current);
    } catch (error) {
      this.problem.hidden = false;
      this.problem.firstElementChild.textContent = `Older messages did not come. ${error.message}`;
    }
    this.loading.hidden = true;
  }

  #tryAgain() {
    const { current } = this.chat;
    if (current.problem) this.chat.open(current.name);
    else this.#loadOlder();
  }

  #prepend(messages) {
    const first = this.list.firstElementChild;
    const rows = messages.map((message) => MessageRow.of(message, this.template));
    for (const row of rows) this.#rows.set(row.message.seq, row);
    this.list.prepend(...rows.map((row) => row.node));
    this.#arrange(this.list.firstElementChild, first);
    this.#showTop();
    this.#loadWhenNear();
  }

  #trim() {
    for (const node of [...this.list.children]) {
      if (Number(node.dataset.seq ?? Infinity) >= this.#timeline.oldest) break;
      this.#rows.delete(Number(node.dataset.seq));
      node.remove();
    }
    this.#arrange(this.list.firstElementChild, this.list.firstElementChild);
    this.#showTop();
  }

  #showTop() {
    const { current } = this.chat;
    const isEmpty = this.list.childElementCount === 0;
    this.beginning.hidden = !this.#timeline || this.#timeline.moreBefore;
    this.beginning.querySelector(".beginning-title").textContent = current.title;
    this.beginning.querySelector(".beginning-text").textContent = isEmpty
      ? "is still empty. Say the first word."
      : "begins here.";
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
  }

  #connectionChanged() {
    this.dataset.connection = this.chat.state;
    this.#loadWhenNear();
  }

  // Position

  /** Scrolling up is negative in a scroller that is laid out from its end. */
  get #isAtEnd() {
    return this.scroller.scrollTop > -AT_END_PX;
  }

  #goToEnd({ behavior = "instant" } = {}) {
    const isCalm = matchMedia("(prefers-reduced-motion: reduce)").matches;
    this.scroller.scrollTo({ top: 0, behavior: isCalm ? "instant" : behavior });
    this.#unread = 0;
    this.#showPill();
  }

  /** Changes what stands below without moving what one reads. */
  #keepingStill(change) {
    if (this.#isAtEnd) return change();
    const before = this.scroller.scrollHeight;
    const position = this.scroller.scrollTop;
    change();
    this.scroller.scrollTop = position - (this.scroller.scrollHeight - before);
  }

  #scrolled() {
    if (this.#isAtEnd) this.#unread = 0;
    this.#showPill();
    this.#loadWhenNear();
  }

  #showPill() {
    const isFar = -this.scroller.scrollTop > this.scroller.clientHeight;
    this.toNewest.hidden = !this.#unread && !isFar;
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

  #pressed({ target }) {
    const action = target.closest("[data-do]")?.dataset.do;
    if (!action) return;
    const { cid } = target.closest(".message").dataset;
    if (action === "retry") this.chat.outbox.retry(cid);
    if (action === "discard") this.chat.outbox.discard(cid);
  }
}

function keyOf({ seq, cid }) {
  return seq ?? cid;
}

function pillText(unread) {
  if (unread === 0) return "Newest messages";
  return unread === 1 ? "1 new message" : `${unread} new messages`;
}

customElements.define("message-log", MessageLog);
