/* <thread-pane>: opens threads, under their messages in the room, or here, beside the room; on a phone over
   it. In which way one opens them is remembered for each room; the second button of a folded thread takes
   the other way. The thread that was opened last is in the address, so that a reload and Back lead to it. */

import { showThreadIn } from "../../lib/page/thread-address.js";
import { loadFormatter } from "../../lib/markdown/markdown.js";
import { part, write } from "../../lib/page/parts.js";
import { numberIn } from "../../lib/page/routes.js";
import { t } from "../../lib/text/words.js";
import { ownEmoji } from "../../models/own-emoji.js";
import { ignoreUnanswered, problemOf } from "../../models/refused.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { Thread } from "../../models/threads/thread.js";
import { LogPresses } from "../log/log-presses.js";
import { LogRows } from "../log/log-rows.js";
import { MessageActions } from "../message/message-actions.js";
import { MessageLog } from "../log/message-log.js";
import "./thread-view.js";
import { ToastNote } from "../page/toast-note.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { MessageRow } from "../message/message-row.js" */
/** @import { ThreadView } from "./thread-view.js" */

/** What is opened, and how: a reply in it; in the way that is not remembered; closed, if it is open; and
    whether one is about to write.
    @typedef {{ room?: string, thread: number, seq?: number, isElsewhere?: boolean, isToggled?: boolean, isToWrite?: boolean }} Opening */
/** @typedef {{ thread: Thread, view: ThreadView, isBeside: boolean }} Open */

const AT_END_PX = 40;
/** How many replies one sees at first: under the message, and beside the room. */
const [FEW, MANY] = [6, 30];

class ThreadPane extends HTMLElement {
  log = part(document, "message-log", MessageLog);
  toast = part(document, "toast-note", ToastNote);
  template = part(this, "template", HTMLTemplateElement);
  scroller = part(this, ".thread-scroller");
  rootList = part(this, ".thread-root");
  form = part(this, ".thread-title-form", HTMLFormElement);
  wide = matchMedia("(width >= 72rem)");
  /** @type {Chat} */
  chat;
  /** @type {Map<number, Open>} by the roots */
  #open = new Map();
  /** @type {ThreadView[]} those that are closed */
  #views = [];
  /** @type {ThreadView} the one in the pane */
  #beside;
  /** @type {LogRows} */
  #rootRows;
  /** @type {Room} */
  #room;
  /** @type {Opening | null} what is opened when there is a connection: a page may begin with a thread */
  #awaited = null;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.#room = chat.current;
    this.#rootRows = new LogRows({ list: this.rootList, template: part(document, "message-log template", HTMLTemplateElement), made: (row) => void this.#format(row) });
    const position = { keepTop: (/** @type {Element} */ _, /** @type {() => void} */ change) => change() };
    new LogPresses({ list: this.rootList, rows: this.#rootRows, position, toast: this.toast }).attend(chat);
    this.#beside = this.#newView();
    this.#beside.keepStill = (change) => this.#keepEnd(change);
    for (const list of [this.rootList, this.#beside.list]) part(document, "message-actions", MessageActions).watch(list);
    document.addEventListener("open-thread", (event) => void this.#asked(/** @type {CustomEvent<Opening>} */ (event).detail));
    document.addEventListener("close-threads", () => this.#closeAll());
    chat.on("opened", () => this.#roomOpened());
    chat.on("messages", ({ room, kind }) => room === this.#room && this.#rowsChanged(kind));
    chat.on("room", ({ room }) => room === this.#room && this.#showHead());
    chat.threads.on("changed", ({ room }) => room === this.#room.name && this.#showHead());
    chat.on("connection", () => chat.state === "online" && void this.#again());
    ownEmoji.on("changed", () => this.#rootRows.showEmoji());
    addEventListener("popstate", () => void this.#followAddress());
    this.addEventListener("click", (event) => this.#pressed(event));
    this.addEventListener("keydown", (event) => this.#keyed(event));
    this.form.addEventListener("submit", (event) => void this.#named(event));
  }

  // What opens and closes

  /** @param {Opening} opening */
  async #asked(opening) {
    const { chat } = this;
    const { room = chat.current.name, thread: seq, seq: at, isElsewhere, isToggled, isToWrite } = opening;
    this.#awaited = chat.state === "connecting" ? opening : null;
    if (this.#awaited) return;
    if (room !== chat.current.name) await chat.open(room);
    const open = this.#open.get(seq);
    if (isToggled && open) return this.close(open.thread, { isAsked: true });
    const isBeside = (open?.isBeside ?? (this.#prefersBeside && !this.#isTaken)) !== Boolean(isElsewhere);
    if (isElsewhere) chat.memory.put(this.#key, isBeside);
    if (open && open.isBeside !== isBeside) this.close(open.thread);
    try {
      const shown = await this.#show(seq, { isBeside, at });
      if (isToWrite) shown.view.write();
      else if (shown.isBeside && !at) part(this, "h2").focus();
    } catch (error) {
      this.toast.say(problemOf(error));
    }
  }

  /** @param {number} seq @param {{ isBeside: boolean, at?: number }} how */
  async #show(seq, { isBeside, at }) {
    const known = this.#open.get(seq);
    if (known && at) {
      if (known.thread.find(at)) known.view.seek(at);
      else await known.thread.begin(at);
      return known;
    }
    if (known) return known;
    const { chat } = this;
    const room = chat.current;
    const row = isBeside ? null : await this.#rowOf(seq);
    if (!row) for (const open of [...this.#open.values()]) if (open.isBeside) this.close(open.thread);
    const thread = new Thread(chat, room, seq);
    const view = row ? (this.#views.pop() ?? this.#newView()) : this.#beside;
    const open = { thread, view, isBeside: !row };
    this.#open.set(seq, open);
    room.open.set(seq, thread);
    thread.on("changed", (change) => this.#open.get(seq) === open && this.#changed(open, change));
    thread.on("sought", ({ seq: sought }) => view.seek(sought));
    try {
      await thread.begin(at, row ? FEW : MANY);
    } catch (error) {
      this.close(thread);
      throw error;
    }
    if (this.#open.get(seq) !== open) return open;
    if (row) {
      this.log.keepTop(row, () => {
        this.#put(open, row);
        view.show(thread);
      });
    } else {
      this.scroller.append(view);
      this.#reveal(true);
      view.show(thread);
      this.#showRoot(open);
    }
    if (at) view.seek(at);
    else if (row) bringUp(view, row);
    else this.scroller.scrollTop = this.scroller.scrollHeight;
    showThreadIn(seq, at);
    this.#mark();
    view.look();
    return open;
  }

  /** @param {Thread} thread @param {{ isAsked?: boolean }} [how] by the reader, who may go back to it */
  close(thread, { isAsked = false } = {}) {
    const open = this.#open.get(thread.seq);
    if (!open) return;
    this.#open.delete(thread.seq);
    thread.room.open.delete(thread.seq);
    const row = this.log.nodeOf(thread.seq);
    if (open.isBeside) this.#reveal(false);
    else if (row) this.log.keepTop(row, () => this.#takeOff(open.view, row));
    else open.view.remove();
    open.view.show(null);
    if (!open.isBeside) this.#views.push(open.view);
    this.#mark();
    if (!isAsked) return;
    if (numberIn(location.search, "thread") === thread.seq) showThreadIn([...this.#open.keys()].at(-1) ?? null);
    /** @type {HTMLElement | null | undefined} */ (row?.querySelector(":scope > .replies > .replies-line") ?? row)?.focus({ preventScroll: true });
  }

  #closeAll() {
    for (const { thread } of [...this.#open.values()]) this.close(thread);
  }

  /** In the room, with the message that it answers: which may have to be loaded.
      @param {number} seq */
  async #rowOf(seq) {
    const { current, history } = this.chat;
    const { timeline } = current;
    if (timeline && !timeline.find(seq)) await history.around(current, timeline, seq);
    return this.log.nodeOf(seq);
  }

  get #key() {
    return `threads-beside.${this.chat.me}.${this.chat.current.name}`;
  }

  /** The search stands beside the room, in the place of a thread. */
  get #isTaken() {
    return this.wide.matches && document.body.hasAttribute("data-searching");
  }

  get #prefersBeside() {
    return this.chat.memory.get(this.#key, false);
  }

  // Where it stands

  #newView() {
    const view = /** @type {ThreadView} */ (document.importNode(this.template.content, true).firstElementChild);
    view.attend(this.chat);
    view.keepStill = (change) => this.log.keepStill(change);
    return view;
  }

  /** Under its row; that may be another one by now.
      @param {Open} open @param {HTMLElement} row */
  #put({ view }, row) {
    if (view.parentElement === row) return;
    row.append(view);
    row.dataset.unfolded = "";
  }

  /** @param {ThreadView} view @param {HTMLElement} row */
  #takeOff(view, row) {
    view.remove();
    delete row.dataset.unfolded;
  }

  /** @param {string} kind */
  #rowsChanged(kind) {
    if (this.#open.size === 0) return;
    for (const open of [...this.#open.values()]) {
      const row = open.isBeside ? null : this.log.nodeOf(open.thread.seq);
      if (row) this.#put(open, row);
      else if (!open.isBeside) this.close(open.thread);
    }
    if (kind === "folded") this.#showHead();
    this.#mark();
  }

  #roomOpened() {
    const { current } = this.chat;
    if (current !== this.#room) this.#closeAll();
    this.#room = current;
    this.#rowsChanged("opened");
  }

  /** Says of each folded thread whether it is open. */
  #mark() {
    for (const line of document.querySelectorAll("message-log .replies-line[aria-expanded=true]")) line.setAttribute("aria-expanded", "false");
    for (const seq of this.#open.keys()) this.log.nodeOf(seq)?.querySelector(":scope > .replies > .replies-line")?.setAttribute("aria-expanded", "true");
  }

  /** @param {boolean} isShown */
  #reveal(isShown) {
    this.hidden = !isShown;
    document.body.toggleAttribute("data-threading", isShown);
  }

  /** Where one is at the end, one stays there.
      @param {() => void} change */
  #keepEnd(change) {
    const { scroller } = this;
    const wasAtEnd = scroller.scrollHeight - scroller.scrollTop - scroller.clientHeight < AT_END_PX;
    const before = scroller.scrollHeight - scroller.scrollTop;
    const first = this.#beside.list.firstElementChild;
    change();
    if (wasAtEnd) scroller.scrollTop = scroller.scrollHeight;
    else if (first !== this.#beside.list.firstElementChild) scroller.scrollTop = scroller.scrollHeight - before;
  }

  // What it shows

  /** @param {Open} open @param {{ kind: string, messages: import("../../types.js").Message[] }} change */
  #changed(open, change) {
    open.view.changed(change);
    if (open.isBeside) this.#showRoot(open);
  }

  /** @param {Open} open */
  #showRoot({ thread }) {
    const { me, people, rooms, threads, isGuest } = this.chat;
    this.#rootRows.reader = { me, people, rooms, threads, isGuest, thread: thread.seq };
    if (thread.root && thread.root !== this.#rootRows.get(thread.seq)?.message) this.#rootRows.show([thread.root]);
    this.#showHead();
  }

  /** @param {MessageRow} row */
  async #format(row) {
    void row.loadMore((change) => change());
    if (row.isFormatted) return;
    try {
      await loadFormatter();
      row.format();
    } catch {
      // The network is away. Plain text can be read too.
    }
  }

  get #shown() {
    return [...this.#open.values()].find(({ isBeside }) => isBeside)?.thread ?? null;
  }

  #showHead() {
    const thread = this.#shown;
    if (!thread?.root) return;
    const root = this.chat.current.timeline?.find(thread.seq) ?? thread.root;
    const { title, count = thread.messages.length } = root.replies ?? {};
    write(part(this, "h2"), title || t("thread.title"));
    write(part(this, ".thread-where"), `${titleFor(thread.room, this.chat)} · ${t("thread.replies", { count })}`);
    const { following } = this.chat.threads.markOf(thread.room.name, root);
    const follow = part(this, "[data-do=follow]");
    follow.ariaPressed = String(following);
    part(this, "[data-do=title]").hidden = !this.#mayName(thread);
    write(part(follow, "span"), t(following ? "thread.following" : "thread.follow"));
  }

  /** @param {Thread} thread */
  #mayName({ room, root }) {
    const isTheirs = room.mayChange || room.kind === "direct" || (root !== null && this.chat.isOwn(root));
    return isTheirs && Boolean((root && room.timeline?.find(root.seq))?.replies ?? root?.replies);
  }

  async #again() {
    const open = [...this.#open.values()];
    if (this.#awaited) await this.#asked(this.#awaited); // which opens one as it is now, at the reply that was asked for
    for (const { thread } of open) await thread.begin().catch(ignoreUnanswered);
  }

  // What is pressed

  /** @param {MouseEvent} event */
  #pressed(event) {
    const does = event.target instanceof Element ? event.target.closest("[data-do]") : null;
    const thread = this.#shown;
    if (!thread || !(does instanceof HTMLElement)) return;
    if (does.dataset.do === "close") this.close(thread, { isAsked: true });
    else if (does.dataset.do === "inside") void this.#asked({ thread: thread.seq, isElsewhere: true });
    else if (does.dataset.do === "follow") void this.#follow(thread);
    else if (does.dataset.do === "title") this.#edit(true);
    else if (does.dataset.do === "cancel-title") this.#edit(false);
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const thread = this.#shown;
    if (event.key !== "Escape" || event.defaultPrevented || !thread) return;
    event.preventDefault();
    if (!this.form.hidden) this.#edit(false);
    else this.close(thread, { isAsked: true });
  }

  /** @param {Thread} thread */
  async #follow(thread) {
    const root = thread.root;
    if (!root) return;
    const on = !this.chat.threads.markOf(thread.room.name, root).following;
    try {
      await this.chat.threads.follow(thread.room.name, thread.seq, on);
    } catch (error) {
      this.toast.say(problemOf(error));
    }
  }

  /** @param {boolean} isOn */
  #edit(isOn) {
    const field = part(this.form, "input", HTMLInputElement);
    const thread = this.#shown;
    const root = thread && (thread.room.timeline?.find(thread.seq) ?? thread.root);
    this.form.hidden = !isOn;
    part(this, ".thread-titles").hidden = isOn;
    field.value = root?.replies?.title ?? "";
    if (isOn) field.select();
    else part(this, "[data-do=title]").focus();
  }

  /** @param {SubmitEvent} event */
  async #named(event) {
    event.preventDefault();
    const thread = this.#shown;
    if (!thread) return;
    try {
      await this.chat.threads.name(thread.room.name, thread.seq, part(this.form, "input", HTMLInputElement).value.trim());
      this.#edit(false);
    } catch (error) {
      this.toast.say(problemOf(error));
    }
  }

  /** Back, forward, or a page that begins there. */
  async #followAddress() {
    const seq = numberIn(location.search, "thread");
    if (seq === null) this.#closeAll();
    else if (!this.#open.has(seq)) await this.#asked({ thread: seq, seq: numberIn(location.search, "at") ?? undefined });
  }
}

/** Shows what was unfolded under a row, as much of it as fits with the row.
    @param {HTMLElement} view @param {HTMLElement} row */
function bringUp(view, row) {
  const scroller = row.closest(".scroller");
  if (!scroller) return;
  const { top, bottom } = scroller.getBoundingClientRect();
  const hidden = view.getBoundingClientRect().bottom - bottom;
  if (hidden > 0) scroller.scrollTop += Math.min(hidden, Math.max(0, row.getBoundingClientRect().top - top));
}

customElements.define("thread-pane", ThreadPane);
