/* <message-composer>: where one writes. Enter sends, Shift-Enter breaks the line, and so does Enter
   within a block of code. What is being written belongs to its room: it is still there after a look
   into another room, or a reload. A text that is too long is kept, and says by how much.

   It may have an aim, which stands above it: a message that the text answers, or one of one's
   own that it changes. What was being written comes back when a change is done. */

import { isComposing } from "../lib/keys.js";
import { Memory } from "../lib/memory.js";
import { part } from "../lib/parts.js";
import { excessBytes, inShort, isInFence } from "../lib/texts.js";
import { t } from "../lib/words.js";
import { Aims } from "../models/aims.js";
import { problemOf } from "../models/refused.js";
import { titleFor } from "../models/rooms.js";
import { formatShortcutOf } from "../models/shortcuts.js";
import { commandOf, said } from "../models/slash.js";
import { ComposerNote } from "./composer-note.js";

const WARN_BELOW_BYTES = 1024;
const TALL_CHARACTERS = 120;
const TALL_BREAKS = 3;
const GROWS_BY_ITSELF = CSS.supports("field-sizing", "content");

/** @import { Chat } from "../models/chat.js" */
/** @import { Aim } from "../models/aims.js" */
/** @import { Room } from "../models/room.js" */
/** @import { Message } from "../types.js" */

export class MessageComposer extends HTMLElement {
  form = part(this, "form", HTMLFormElement);
  field = part(this, "textarea", HTMLTextAreaElement);
  button = part(this, ".composer-send", HTMLButtonElement);
  problem = part(this, ".problem");
  aimed = part(this, ".aim");
  note = part(this, "composer-note", ComposerNote);
  /** @type {Chat} */
  chat;
  /** @type {Room} */
  room;
  /** @type {Aims} */
  aims;
  #filled = ""; // what stood here before anything was written

  connectedCallback() {
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.field.addEventListener("input", () => this.#written());
    this.field.addEventListener("keydown", (event) => this.#keyed(event));
    for (const button of this.querySelectorAll("[data-format]")) {
      button.addEventListener("pointerdown", (event) => event.preventDefault()); // The selection stays.
      button.addEventListener("click", () => format(button.getAttribute("data-format")));
    }
    part(this.aimed, "button").addEventListener("click", () => this.#aimAtNothing());
    part(this, "[data-do=emoji]").addEventListener("click", (event) => this.#pickEmoji(event));
    document.addEventListener("reply-to-message", (event) => this.#aimAt("reply", messageOf(event)));
    document.addEventListener("edit-message", (event) => this.#aimAt("edit", messageOf(event)));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.aims = new Aims({ memory: new Memory(() => sessionStorage), me: chat.me });
    chat.on("opened", () => this.#open());
    chat.drafts.on("changed", ({ room }) => room === this.room.name && this.#draftCame());
    chat.place.on("changed", () => this.#check());
    this.#open({ focus: false });
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
    this.field.placeholder = this.field.ariaLabel = t("composer.label", { room: titleFor(current, this.chat) });
    this.#check();
    if (focus && matchMedia("(hover: hover)").matches) this.field.focus();
  }

  #written() {
    this.#check();
    this.note.textChanged();
    if (this.#aim?.kind === "edit") this.aims.write(this.room.name, this.field.value);
    else this.#keepDraft();
    if (this.field.value.trim()) this.chat.typed();
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (isComposing(event) || event.defaultPrevented) return;
    const asked = formatShortcutOf(event);
    if (event.key === "Enter" && this.#breaksTheLine(event)) return;
    if (asked) format(asked);
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
    if (!text.trim() || excessBytes(text, this.chat.place.maxTextBytes) > 0) return;
    if (this.#aim?.kind === "edit") return void this.#change(this.#aim, text);
    const command = commandOf(text);
    if (command) document.dispatchEvent(new CustomEvent("do-command", { detail: command }));
    else this.#post(said(text));
  }

  /** @param {string} text */
  #post(text) {
    const replyTo = this.#aim?.message.seq;
    this.field.value = "";
    this.note.clear();
    this.aims.drop(this.room.name);
    this.#showAim();
    this.#check();
    this.#keepDraft();
    this.chat.post(text, { replyTo });
    this.field.focus();
  }

  /** @param {Aim} aim @param {string} text */
  async #change(aim, text) {
    const { room } = this;
    this.button.disabled = true;
    try {
      await this.chat.changes.edit(room, aim.message.seq, text);
      if (this.aims.of(room.name)?.message.seq === aim.message.seq) this.aims.drop(room.name);
      if (this.room === room) this.#fill();
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
    this.note.clear();
    this.#check();
    this.#keepDraft();
  }

  /** What is unknown is not posted to everyone by mistake.
      @param {string} name */
  askAbout(name) {
    this.note.askAbout(`/${name}`, () => this.#post(this.field.value));
  }

  // What it aims at

  get #aim() {
    return this.aims.of(this.room.name);
  }

  /** @param {Aim["kind"]} kind @param {Message} message */
  #aimAt(kind, message) {
    const wasEdit = this.#aim?.kind === "edit";
    this.aims.take(this.room.name, { kind, message, text: message.text });
    this.#aimedAnew(wasEdit || kind === "edit");
  }

  #aimAtNothing() {
    const wasEdit = this.#aim?.kind === "edit";
    this.aims.drop(this.room.name);
    this.#aimedAnew(wasEdit);
  }

  /** @param {boolean} isOtherText */
  #aimedAnew(isOtherText) {
    if (isOtherText) this.#fill();
    this.#showAim();
    this.field.focus();
  }

  #editLast() {
    const { timeline } = this.room;
    const own = timeline?.messages.findLast((message) => this.chat.changes.mayEdit(message));
    if (own) this.#aimAt("edit", own);
  }

  /** The text that one changes, or the draft of the room. */
  #fill() {
    const aim = this.#aim;
    this.#filled = this.field.value = aim?.kind === "edit" ? aim.text : this.chat.drafts.of(this.room.name);
    this.#showAim();
    this.#check();
  }

  #showAim() {
    const aim = this.#aim;
    this.aimed.hidden = !aim;
    this.classList.toggle("editing", aim?.kind === "edit");
    if (!aim) return;
    const name = `\u2068${this.chat.people.shown(aim.message.sender)}\u2069`;
    part(this.aimed, ".aim-what").textContent =
      aim.kind === "edit" ? t("composer.editing") : t("composer.replying", { name });
    part(this.aimed, ".aim-text").textContent = inShort(aim.message.text);
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

  // What it says of itself

  #check() {
    const text = this.field.value;
    const excess = excessBytes(text, this.chat.place.maxTextBytes);
    this.field.setAttribute("aria-invalid", String(excess > 0));
    this.button.disabled = !text.trim() || excess > 0;
    this.classList.toggle("tall", text.length > TALL_CHARACTERS || text.split("\n").length > TALL_BREAKS + 1);
    this.problem.textContent = lengthProblem(excess);
    this.problem.classList.toggle("hint", excess <= 0);
    if (!GROWS_BY_ITSELF) this.#grow();
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
    this.chat.drafts.keep(this.room.name, this.field.value);
  }

  /** From another tab, or the browser's memory: not over what somebody is writing here. */
  #draftCame() {
    const isWriting = this.field.value !== "" && this.field.value !== this.#filled;
    if (!isWriting && this.#aim?.kind !== "edit") this.#fill();
  }
}

/** @param {string | null} what see format-bar.js */
function format(what) {
  document.dispatchEvent(new CustomEvent("do-format", { detail: what }));
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
