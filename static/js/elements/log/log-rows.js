/* The rows of <message-log>, in their order: those of messages, then those of what is not sent yet.

   A row has the key of what it shows: the seq of a message, or the cid of what has none yet. */

import { MessageRow } from "../message/message-row.js";

/** @import { Message, Shown } from "../../types.js" */
/** @import { Reader } from "../message/message-row.js" */

export class LogRows {
  /** @type {Map<number | string | undefined, MessageRow>} */
  #rows = new Map();

  /** @type {Reader} */
  reader;

  /** `made(row)` is called for each row that is new.
      @param {{ list: HTMLElement, template: HTMLTemplateElement, made: (row: MessageRow) => void }} parts */
  constructor({ list, template, made }) {
    this.list = list;
    this.template = template;
    this.made = made;
  }

  /** The rows that the server rendered in this room, for a reader.
      @param {string} room @param {Reader} reader */
  adopt(room, reader) {
    this.reader = reader;
    for (const node of this.list.children) {
      const row = MessageRow.adopt(/** @type {HTMLElement} */ (node), room, reader);
      this.#rows.set(row.message.seq, row);
    }
  }

  [Symbol.iterator]() {
    return this.#rows.values();
  }

  get isEmpty() {
    return this.#rows.size === 0;
  }

  /** @param {number | string | undefined} key */
  get(key) {
    return this.#rows.get(key);
  }

  /** The row of a node, or of one in it.
      @param {Element | null | undefined} node */
  of(node) {
    const row = /** @type {HTMLElement | null | undefined} */ (node?.closest(".message"));
    if (row?.parentElement !== this.list) return undefined; // Of a thread that is open in one of them.
    const { seq, cid } = row.dataset;
    return this.#rows.get(seq ? Number(seq) : cid);
  }

  /** These and no others; a row of one that has not changed is the same as before.
      @param {Shown[]} all */
  show(all) {
    const old = this.#rows;
    this.#rows = new Map();
    const nodes = all.map((message) => {
      const known = old.get(keyOf(message));
      if (known?.message !== message) return this.#make(message);
      this.#rows.set(keyOf(message), known);
      this.made(known);
      return known.node;
    });
    this.list.replaceChildren(...nodes);
    this.#arrange(this.list.firstElementChild);
  }

  /** A new message. One of one's own takes over the row that it had while it was pending.
      @param {Message} message */
  append(message) {
    const pending = message.sender === this.reader.me ? this.#rows.get(message.cid) : undefined;
    const place = this.#firstUnsent;
    const left = pending?.node.nextElementSibling;
    if (pending) {
      this.#rows.delete(message.cid);
      this.#rows.set(message.seq, pending);
      pending.show(message);
      this.made(pending);
    }
    const node = pending?.node ?? this.#make(message);
    if (place !== node) this.list.insertBefore(node, place);
    this.#arrange(node, node.nextElementSibling);
    if (left) this.#arrange(left, left);
  }

  /** An item that is to be sent, or has changed. Gives whether it is a new one.
      @param {Shown} item */
  put(item) {
    const known = this.#rows.get(item.cid);
    if (known) {
      known.show(item);
      return false;
    }
    const node = this.#make(item);
    this.list.append(node);
    this.#arrange(node);
    return true;
  }

  /** @param {string} cid */
  remove(cid) {
    const row = this.#rows.get(cid);
    if (!row) return;
    this.#rows.delete(cid);
    const next = row.node.nextElementSibling;
    row.node.remove();
    this.#arrange(next, next);
  }

  /** A message that has changed. Gives its row, if it is here.
      @param {Message} message */
  refresh(message) {
    const row = this.#rows.get(message.seq);
    if (!row) return null;
    row.show(message);
    this.#arrange(row.node, row.node.nextElementSibling);
    for (const each of this) if (each.answers === message.seq) each.quote(message);
    return row;
  }

  /** Some people are shown otherwise from now on.
      @param {Set<string>} names */
  callOtherwise(names) {
    for (const row of this) {
      if (!row.isAbout(names)) continue;
      row.show(row.message);
      this.made(row);
    }
  }

  /** The chat has other emoji of its own. */
  showEmoji() {
    for (const row of this) {
      row.showEmoji();
      this.made(row);
    }
  }

  /** An older page.
      @param {Message[]} messages */
  prepend(messages) {
    const first = this.list.firstElementChild;
    this.list.prepend(...messages.map((message) => this.#make(message)));
    this.#arrange(this.list.firstElementChild, first);
  }

  /** A newer page.
      @param {Message[]} messages */
  extend(messages) {
    const unsent = this.#firstUnsent;
    const last = unsent ? unsent.previousElementSibling : this.list.lastElementChild;
    const nodes = messages.map((message) => this.#make(message));
    for (const node of nodes) this.list.insertBefore(node, unsent);
    this.#arrange(last ?? nodes[0], unsent);
  }

  /** Lets go of the messages before and after these.
      @param {number} oldest @param {number} newest */
  keep(oldest, newest) {
    for (const [key, row] of this.#rows) {
      if (typeof key !== "number" || (key >= oldest && key <= newest)) continue;
      this.#rows.delete(key);
      row.node.remove();
    }
    this.#arrange(this.list.firstElementChild, this.list.firstElementChild);
  }

  /** @param {Shown} message */
  #make(message) {
    const row = MessageRow.of(message, this.template, this.reader);
    this.#rows.set(keyOf(message), row);
    this.made(row);
    return row.node;
  }

  get #firstUnsent() {
    let first = null;
    for (let node = this.list.lastElementChild; node && !node.hasAttribute("data-seq"); ) {
      first = node;
      node = node.previousElementSibling;
    }
    return first;
  }

  /** Says of each row from one to another, or to the end, how it stands to the one before.
      @param {Element | null} from @param {Element | null} [to] */
  #arrange(from, to = null) {
    for (let node = from; node; node = node.nextElementSibling) {
      this.of(node)?.follow(this.of(node.previousElementSibling)?.message);
      if (node === to) break;
    }
  }
}

/** @param {Shown} message */
function keyOf({ seq, cid }) {
  return seq ?? cid;
}
