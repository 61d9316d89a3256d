/* <message-composer>: where one writes. Enter sends, Shift-Enter breaks the line, and so does Enter
   within a block of code. What is being written belongs to its room: it is still there after a look
   into another room, or a reload. A text that is too long is kept, and says by how much.

   Another one of its kind stands in each <thread-view>, and writes into that thread.

   It may have an aim, which stands above it: a message that the text answers, or one of one's
   own that it changes. What was being written comes back when a change is done. */

import { filesInShort, filesPart } from "../../lib/page/files-part.js";
import { isComposing } from "../../lib/browser/keys.js";
import { Memory } from "../../lib/storage/memory.js";
import { elementOf, part } from "../../lib/page/parts.js";
import { excessBytes, inShort, isInFence } from "../../lib/text/texts.js";
import { t } from "../../lib/text/words.js";
import { Aims } from "../../models/composer/aims.js";
import { Lost, problemOf } from "../../models/refused.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { formatShortcutOf } from "../../models/page/shortcuts.js";
import { commandOf, said } from "../../models/composer/slash.js";

const WARN_BELOW_BYTES = 1024;
const TALL_CHARACTERS = 120;
const TALL_BREAKS = 3;
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

/** @import { Chat } from "../../models/chat.js" */
/** @import { Aim } from "../../models/composer/aims.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Thread } from "../../models/threads/thread.js" */
/** @import { Message } from "../../types.js" */

export class MessageComposer extends HTMLElement {
  form = part(this, "form", HTMLFormElement);
  field = part(this, "textarea", HTMLTextAreaElement);
  button = part(this, ".composer-send", HTMLButtonElement);
  problem = part(this, ".problem");
  aimed = part(this, ".aim");
  attach = part(this, "[data-do=attach]");
  /** @type {Chat} */
  chat;
  /** @type {Room} */
  room;
  /** @type {Aims} */
  aims;
  /** @type {Thread | null} the thread that it writes into; null: the room itself */
  thread = null;
  /** What the next message is, beside an answer: given by <thread-view>.
      @type {() => import("../../models/composer/outbox.js").About} */
  about = () => ({});
  #filled = ""; // what stood here before anything was written

  /** What says something of the text; loaded later.
      @returns {import("./composer-note.js").ComposerNote | null} */
  get note() {
    return this.querySelector("composer-note:defined");
  }

  /** Under what its draft, its files and its aim are kept. */
  get place() {
    return this.thread ? `${this.room.name} ${this.thread.seq}` : this.room.name;
  }

  #listen() {
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.field.addEventListener("input", () => this.#written());
    this.field.addEventListener("keydown", (event) => this.#keyed(event));
    for (const button of this.querySelectorAll("[data-format]")) {
      button.addEventListener("pointerdown", (event) => event.preventDefault()); // The selection stays.
      button.addEventListener("click", () => this.#format(button.getAttribute("data-format")));
    }
    part(this.aimed, "button").addEventListener("click", () => this.#aimAtNothing());
    const files = part(this.form, "input[type=file]", HTMLInputElement);
    this.attach.addEventListener("click", () => files.click());
    files.addEventListener("change", () => {
      this.give(files.files ?? []);
      files.value = "";
    });
    part(this, "[data-do=emoji]").addEventListener("click", (event) => this.#pickEmoji(event));
    document.addEventListener("reply-to-message", (event) => this.#isMeant(event) && this.#answer(messageOf(event)));
    document.addEventListener("edit-message", (event) => this.#isMeant(event) && this.#aimAt("edit", messageOf(event)));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.aims = new Aims({ memory: new Memory(() => sessionStorage), me: chat.me });
    this.#listen();
    if (!this.#view) chat.on("opened", () => this.#open());
    if (!this.#view) chat.on("room", ({ room }) => room === this.room && this.#label());
    chat.drafts.on("changed", ({ room }) => this.room && room === this.place && this.#draftCame());
    chat.place.on("changed", () => this.#check());
    if (!this.#view) this.#open({ focus: false });
  }

  /** From now on into this thread.
      @param {Thread} thread */
  writeIn(thread) {
    this.thread = thread;
    this.room = thread.room;
    this.note?.clear();
    this.#fill();
    this.#label();
    if (this.chat.uploads) this.takeFiles(this.chat.uploads);
  }

  /** The part of the page that is about files is there.
      @param {import("../../models/files/uploads.js").Uploads} uploads */
  takeFiles(uploads) {
    /** @type {(HTMLElement & { begin?: (chat: Chat, uploads: import("../../models/files/uploads.js").Uploads) => void }) | null} */
    const files = this.querySelector("composer-files");
    files?.begin?.(this.chat, uploads);
  }

  get #view() {
    return this.closest("thread-view");
  }

  /** Whether what is to be answered or changed stands where this one writes.
      @param {Event} event */
  #isMeant(event) {
    return elementOf(event).closest("thread-view") === this.#view && this.isConnected;
  }

  /** Files to go with what one writes.
      @param {Iterable<File>} given */
  async give(given) {
    if (this.closest("[data-closed]")) return; // One only reads here.
    const files = [...given]; // A list of the browser's is empty a moment later.
    if (!this.chat.place.maxFileBytes) return this.#tell(t("composer.no-files"));
    try {
      await filesPart.load();
    } catch {
      return this.#tell(problemOf(new Lost()));
    }
    const problem = this.chat.uploads?.add(this.place, files);
    if (problem) this.#tell(problem);
    this.field.focus();
  }

  /** What was given of files, or how far it is, has changed. */
  filesChanged() {
    this.#check();
  }

  /** Puts a text where the cursor is, as if it had been typed: it can be undone, and so can what was
      typed before. Only this old command leaves the browser's list of changes whole.
      @param {string} text */
  insert(text) {
    this.field.focus();
    if (document.execCommand("insertText", false, text)) return;
    this.field.setRangeText(text, this.field.selectionStart, this.field.selectionEnd, "end");
    this.#written();
  }

  #open({ focus = true } = {}) {
    const { current } = this.chat;
    if (this.room !== current) {
      const typedBeforeTheScriptCame = this.room === undefined && this.field.value !== "";
      this.room = current;
      if (typedBeforeTheScriptCame) this.#keepDraft();
      else this.#fill();
    }
    this.#label();
    this.#check();
    if (focus && matchMedia("(hover: hover)").matches) this.field.focus();
  }

  #label() {
    const { room, thread } = this;
    const says = thread ? "thread.write" : room.threads === "required" ? "thread.start" : "composer.label";
    this.field.placeholder = this.field.ariaLabel = t(says, { room: titleFor(room, this.chat) });
  }

  #written() {
    this.#check();
    this.note?.textChanged();
    if (this.#aim?.kind === "edit") this.aims.write(this.place, this.field.value);
    else this.#keepDraft();
    if (this.field.value.trim()) this.chat.typed();
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (isComposing(event) || event.defaultPrevented) return;
    const asked = formatShortcutOf(event);
    if (event.key === "Enter" && this.#breaksTheLine(event)) return;
    if (asked) this.#format(asked);
    else if (event.key === "Enter") this.form.requestSubmit();
    else if (event.key === "ArrowUp" && !this.field.value && !this.#aim) this.#editLast();
    else if (event.key === "Escape" && this.#aim) this.#aimAtNothing();
    else return;
    event.preventDefault();
  }

  /** With Ctrl or ⌘, Enter sends from anywhere.
      @param {KeyboardEvent} event */
  #breaksTheLine({ shiftKey, ctrlKey, metaKey }) {
    return shiftKey || (!ctrlKey && !metaKey && isInFence(this.field.value.slice(0, this.field.selectionStart)));
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    const text = this.field.value;
    this.#check(); // A script may have written it.
    if (this.button.disabled) return;
    if (this.#aim?.kind === "edit") return void this.#change(this.#aim, text);
    const bad = this.#files.find(({ state }) => state === "failed" || state === "lacking");
    if (bad) return this.#complain(t("upload.settle-first"));
    const command = commandOf(text);
    if (command) this.dispatchEvent(new CustomEvent("do-command", { detail: command, bubbles: true }));
    else this.#post(said(text));
  }

  /** @param {string} text */
  #post(text) {
    const replyTo = this.#aim?.message.seq;
    this.field.value = "";
    this.note?.clear();
    this.aims.drop(this.place);
    this.#showAim();
    this.#check();
    this.#keepDraft();
    this.chat.post(text, { replyTo, ...this.about() }, this.place);
    this.field.focus();
  }

  /** @param {Aim} aim @param {string} text */
  async #change(aim, text) {
    const { room } = this;
    const place = this.place;
    this.button.disabled = true;
    try {
      await this.chat.changes.edit(room, aim.message.seq, text);
      if (this.aims.of(place)?.message.seq === aim.message.seq) this.aims.drop(place);
      if (this.place === place) this.#fill();
    } catch (error) {
      this.#check();
      this.#complain(problemOf(error));
    }
  }

  // Commands

  /** It is done, and the text is gone.
      @param {string} [text] what stands there then */
  done(text = "") {
    this.field.value = text;
    this.note?.clear();
    this.#check();
    this.#keepDraft();
  }

  /** What is unknown is not posted to everyone by mistake.
      @param {string} name */
  askAbout(name) {
    this.note?.askAbout(`/${name}`, () => this.#post(this.field.value));
  }

  // What it aims at

  get #aim() {
    return this.aims.of(this.place);
  }

  /** What is said in a thread answers its root without saying so.
      @param {Message} message */
  #answer(message) {
    if (message.seq === this.thread?.seq) this.field.focus();
    else this.#aimAt("reply", message);
  }

  /** @param {Aim["kind"]} kind @param {Message} message */
  #aimAt(kind, message) {
    const wasEdit = this.#aim?.kind === "edit";
    this.aims.take(this.place, { kind, message, text: message.text });
    this.#aimedAnew(wasEdit || kind === "edit");
  }

  #aimAtNothing() {
    const wasEdit = this.#aim?.kind === "edit";
    this.aims.drop(this.place);
    this.#aimedAnew(wasEdit);
  }

  /** @param {boolean} isOtherText */
  #aimedAnew(isOtherText) {
    if (isOtherText) this.#fill();
    this.#showAim();
    this.field.focus();
  }

  #editLast() {
    const { messages } = this.thread ?? this.room.timeline ?? {};
    const own = messages?.findLast((message) => this.chat.changes.mayEdit(message));
    if (own) this.#aimAt("edit", own);
  }

  /** The text that one changes, or the draft of the room. */
  #fill() {
    const aim = this.#aim;
    this.#filled = this.field.value = aim?.kind === "edit" ? aim.text : this.chat.drafts.of(this.place);
    this.#showAim();
    this.#check();
  }

  /** Those that go with the next message. */
  get #files() {
    return this.#aim?.kind === "edit" ? [] : (this.chat.uploads?.of(this.place) ?? []);
  }

  #showAim() {
    const aim = this.#aim;
    this.aimed.hidden = !aim;
    this.classList.toggle("editing", aim?.kind === "edit");
    if (!aim) return;
    const name = `\u2068${this.chat.people.shown(aim.message.sender)}\u2069`;
    part(this.aimed, ".aim-what").textContent =
      aim.kind === "edit" ? t("composer.editing") : t("composer.replying", { name });
    part(this.aimed, ".aim-text").textContent = inShort(aim.message.text) || filesInShort(aim.message.files);
  }

  /** @param {Event} event */
  #pickEmoji({ currentTarget }) {
    document.dispatchEvent(
      new CustomEvent("pick-emoji", {
        detail: {
          beside: currentTarget,
          chosen: (/** @type {string} */ emoji) => this.insert(emoji),
          closed: () => this.field.focus(),
        },
      }),
    );
  }

  /** @param {string | null} what see format-bar.js */
  #format(what) {
    this.dispatchEvent(new CustomEvent("do-format", { detail: what, bubbles: true }));
  }

  // What it says of itself

  #check() {
    const text = this.field.value;
    const { maxTextBytes, maxFileBytes } = this.chat.place;
    const excess = excessBytes(text, maxTextBytes);
    this.attach.hidden = !maxFileBytes;
    this.field.setAttribute("aria-invalid", String(excess > 0));
    const isEmpty = !text.trim() && this.#files.length === 0 && !(this.#aim?.kind === "edit" && this.#aim.message.files);
    this.button.disabled = isEmpty || excess > 0;
    this.classList.toggle("tall", text.length > TALL_CHARACTERS || text.split("\n").length > TALL_BREAKS + 1);
    this.problem.textContent = lengthProblem(excess);
    this.problem.classList.toggle("hint", excess <= 0);
    if (!GROWS_BY_ITSELF) this.#grow();
  }

  /** @param {string} text */
  #tell(text) {
    this.dispatchEvent(new CustomEvent("tell-writer", { detail: text, bubbles: true }));
  }

  /** @param {string} what */
  #complain(what) {
    this.problem.textContent = what;
    this.problem.classList.remove("hint");
  }

  #grow() {
    this.field.style.blockSize = "auto";
    this.field.style.blockSize = `${this.field.scrollHeight}px`;
  }

  #keepDraft() {
    this.chat.drafts.keep(this.place, this.field.value);
  }

  /** From another tab, or the browser's memory: not over what somebody is writing here. */
  #draftCame() {
    const isWriting = this.field.value !== "" && this.field.value !== this.#filled;
    if (!isWriting && this.#aim?.kind !== "edit") this.#fill();
  }
}

/** @param {Event} event */
function messageOf(event) {
  return /** @type {CustomEvent<Message>} */ (event).detail;
}

/** @param {number} excess */
function lengthProblem(excess) {
  if (excess > 0) return t("composer.too-long", { count: excess });
  if (-excess < WARN_BELOW_BYTES) return t("composer.left", { count: -excess });
  return "";
}

customElements.define("message-composer", MessageComposer);
