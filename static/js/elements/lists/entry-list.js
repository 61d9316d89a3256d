/* What stands in place of a room as a list: the inbox, the threads that one follows, what one has saved. J and
   K, or the arrow keys, go from one entry to the next, other letters do something with it, Enter opens it. The
   entry that has the focus keeps it when the list changes, and what was done last can be undone. */

import { around, cloned, fill, opensElsewhere, part, write } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Emitter } from "../../lib/browser/emitter.js" */

const STEPS = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1 };
/** What the keys do, for the eye: the name of a text, and the keys.
    @typedef {string[][]} Hints */
/** Tells "changed".
    @template Entry
    @typedef {Emitter<any> & { entries: Entry[], state: string, problem: string, hasMore: boolean, undoable: unknown, loadMore(): unknown, undo(): unknown }} Entries */

/** @template Entry */
export class EntryList extends HTMLElement {
  heading = part(this, "h1");
  list = part(this, ".inbox-list");
  empty = part(this, ".inbox-empty");
  status = part(this, ".inbox-status");
  more = part(this, "[data-do=more]");
  template = part(this, "template", HTMLTemplateElement);
  /** @type {Map<string, HTMLElement>} */
  #items = new Map();
  #problem = "";
  #view = "";
  /** @type {Chat} */
  chat;
  /** @type {Entries<Entry>} */
  model;
  /** What is done with an entry, by `data-do`; and by key, which of these.
      @type {Record<string, (entry: Entry) => unknown>} */
  acts = {};
  /** @type {Record<string, string>} */
  keys = {};

  /** @param {Chat} chat @param {string} view @param {Entries<Entry>} model @param {Hints} hints */
  begin(chat, view, model, hints) {
    this.chat = chat;
    this.model = model;
    this.#view = view;
    model.on("changed", () => this.show());
    chat.on("view", () => this.turned(chat.view === view));
    chat.on("people", () => chat.view === view && this.show());
    document.addEventListener(`do-${view}`, () => chat.look(/** @type {any} */ (view)));
    this.addEventListener("click", (event) => this.#pressed(event));
    this.addEventListener("keydown", (event) => this.#keyed(event));
    this.heading.after(keysHint(hints));
    this.list.addEventListener("focusin", (event) => this.#choose(around(event, ".inbox-room")));
  }

  // What each list says for itself

  /** @param {Entry} _entry @returns {string} */
  keyOf(_entry) {
    throw new Error("Each list knows its entries.");
  }

  /** Fills an item in.
      @param {HTMLElement} _item @param {Entry} _entry */
  showItem(_item, _entry) {}

  /** @param {Entry} _entry @param {HTMLElement | null} _link that was pressed
      @returns {unknown} */
  open(_entry, _link) {
    return null;
  }

  /** What there is to say where there is nothing. */
  get saysEmpty() {
    return "";
  }

  /** What was done last, while it can be undone. */
  get saysDone() {
    return "";
  }

  /** To the list, or back to the room.
      @param {boolean} isOn */
  turned(isOn) {
    document.body.classList.toggle(`in-${this.#view}`, isOn);
    if (isOn) this.heading.focus({ preventScroll: true });
  }

  // The list

  show() {
    const { entries, state, problem, hasMore, undoable } = this.model;
    const hadFocus = this.list.contains(document.activeElement) || document.activeElement === this.heading;
    const at = this.#at;
    this.#items = new Map(entries.map((entry) => [this.keyOf(entry), this.#items.get(this.keyOf(entry)) ?? cloned(this.template)]));
    fill(this.list, entries.map((entry) => this.#item(entry)));
    this.more.hidden = !hasMore;
    this.empty.hidden = entries.length > 0 || hasMore || state === "loading";
    write(part(this.empty, "p"), state === "failed" ? problem : this.saysEmpty);
    write(part(this.status, "span"), this.#problem || (undoable ? this.saysDone : ""));
    part(this.status, "button").hidden = undoable === null || this.#problem !== "";
    if (hadFocus && !this.list.contains(document.activeElement)) this.focusAt(Math.max(at, 0));
  }

  /** @param {Entry} entry */
  #item(entry) {
    const item = /** @type {HTMLElement} */ (this.#items.get(this.keyOf(entry)));
    item.dataset.key = this.keyOf(entry);
    this.showItem(item, entry);
    if (this.list.children.length === 0) item.tabIndex = 0;
    return item;
  }

  /** Where the focus is among the entries, -1 where it is not. */
  get #at() {
    return [...this.list.children].findIndex((item) => item.contains(document.activeElement));
  }

  /** The entry that stands there now, or the last one.
      @param {number} at */
  focusAt(at) {
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

  /** @param {MouseEvent} event */
  #pressed(event) {
    const entry = this.#entryOf(around(event, ".inbox-room"));
    const step = around(event, "[data-do]")?.dataset.do ?? "";
    const link = around(event, "a");
    if (step === "more") void this.model.loadMore();
    else if (step === "undo") void this.#undo();
    else if (entry && step in this.acts) void this.attempt(() => this.acts[step](entry));
    else if (link && entry && !opensElsewhere(event)) {
      event.preventDefault();
      void this.attempt(() => this.open(entry, link));
    }
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const key = event.key.length === 1 ? event.key.toLowerCase() : event.key;
    const item = this.list.children[this.#at];
    const entry = this.#entryOf(item);
    const step = STEPS[/** @type {"j"} */ (key)];
    if (step) this.focusAt(Math.max(this.#at + step, 0));
    else if (entry && key in this.keys) void this.attempt(() => this.acts[this.keys[key]](entry));
    else if (key === "Enter" && entry && document.activeElement === item) void this.attempt(() => this.open(entry, null));
    else return;
    event.preventDefault();
  }

  /** What comes back has the focus. */
  async #undo() {
    /** @type {unknown} */
    let back;
    await this.attempt(async () => void (back = await this.model.undo()));
    const at = this.model.entries.indexOf(/** @type {Entry} */ (back));
    if (at >= 0) this.focusAt(at);
  }

  /** What does not work is said where one looks.
      @param {() => unknown} step */
  async attempt(step) {
    this.#problem = "";
    try {
      await step();
    } catch (error) {
      this.#problem = problemOf(error);
    }
    this.show();
  }

  /** @param {Element | null | undefined} item */
  #entryOf(item) {
    const key = item instanceof HTMLElement ? item.dataset.key : undefined;
    return this.model.entries.find((entry) => this.keyOf(entry) === key) ?? null;
  }
}

/** @param {Hints} hints */
function keysHint(hints) {
  const hint = Object.assign(document.createElement("p"), { className: "inbox-keys", ariaHidden: "true" });
  for (const [does, ...named] of hints) {
    const group = document.createElement("span");
    group.append(...named.map((key) => Object.assign(document.createElement("kbd"), { textContent: key })), t(does));
    hint.append(group);
  }
  return hint;
}
