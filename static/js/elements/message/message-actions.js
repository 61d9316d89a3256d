/* <message-actions>: the bar over a message. One for all rows: it moves into the row under the pointer or
   with the focus. Behind its dots is a menu with words, which a long press opens on a phone.

   With the focus in a row: arrows go to the next one, r answers, e changes, + gives a reaction,
   v shows earlier versions, Delete deletes, Escape goes back to writing. Where the focus came there by
   a press of the pointer, letters are none of these: who clicks beside the composer and writes on
   means a text. */

import { around, elementOf, part } from "../../lib/page/parts.js";
import { messageShortcutOf } from "../../models/message/message-shortcuts.js";
import { isLetter } from "../../models/page/shortcuts.js";
import { cameByPointer } from "../log/log-focus.js";
import { MessageActs } from "./message-acts.js";

const STEPS = new Map([
  ["ArrowUp", /** @type {const} */ ("previousElementSibling")],
  ["ArrowDown", /** @type {const} */ ("nextElementSibling")],
]);

const WRITING = "textarea, input";
const HERE_FOR_FINGERS = "message-log .message:focus-within";
const HERE = `${HERE_FOR_FINGERS}, message-log .message:hover`;

/** @import { Chat } from "../../models/chat.js" */

export class MessageActions extends HTMLElement {
  /** @type {Chat} */
  chat;
  /** @type {MessageActs} */
  acts;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.acts = new MessageActs(chat);
    this.watch(part(document, "message-log .messages"));
    document.addEventListener("pointerdown", ({ target }) => this.#leaveTo(target));
    this.#showOn(document.querySelector(matchMedia("(hover: hover)").matches ? HERE : HERE_FOR_FINGERS));
  }

  /** It stands in the rows of this list.
      @param {HTMLElement} list */
  watch(list) {
    list.addEventListener("pointerover", (event) => this.#pointed(event));
    list.addEventListener("pointermove", (event) => this.#moved(event));
    list.addEventListener("pointerleave", () => this.#leaveTo(document.activeElement));
    list.addEventListener("focusin", (event) => this.#showOn(around(event, ".message")));
    list.addEventListener("focusout", ({ relatedTarget }) => this.#leaveTo(relatedTarget));
    list.addEventListener("click", (event) => this.#pressed(event));
    list.addEventListener("keydown", (event) => this.#keyed(event));
    list.addEventListener("longpress", (event) => this.#openMenu(around(event, ".message")));
    list.addEventListener("replyswipe", (event) => this.#do("reply", around(event, ".message"), this));
  }

  // Where it stands

  /** @param {PointerEvent} event */
  #pointed(event) {
    if (event.pointerType !== "touch" && !this.contains(document.activeElement)) {
      this.#showOn(around(event, ".message"));
    }
  }

  /** Whoever pressed a button here with the mouse has left the focus on it, and goes on to another
      row. A row that moves under a pointer at rest takes the bar from nobody.
      @param {PointerEvent} event */
  #moved(event) {
    const row = around(event, ".message");
    if (event.pointerType === "touch" || row === this.parentNode || !this.contains(document.activeElement)) return;
    /** @type {HTMLElement} */ (this.parentNode).focus({ preventScroll: true });
    this.#showOn(row);
  }

  /** @param {HTMLElement | null} row */
  #showOn(row) {
    const message = this.#messageOf(row);
    if (!row || !message || message.deleted_by || message.system) return this.#hide();
    if (this.parentNode !== row) row.append(this);
    this.hidden = false;
    const scroller = row.closest(".scroller, .thread-scroller");
    const above = (scroller?.getBoundingClientRect().top ?? 0) - row.getBoundingClientRect().top;
    this.style.setProperty("--down", `${Math.max(0, above)}px`);
  }

  /** @param {EventTarget | null} place */
  #leaveTo(place) {
    const isThere = place instanceof Node && this.parentNode?.contains(place);
    const isAbove = place instanceof Element && place.closest("[popover], dialog");
    if (!this.hidden && !isThere && !isAbove) this.#hide();
  }

  #hide() {
    this.hidden = true;
  }

  /** @param {HTMLElement | null} row */
  #messageOf(row) {
    return row?.dataset.seq ? this.chat.current.find(Number(row.dataset.seq)) : null;
  }

  // What is done

  /** @param {MouseEvent} event */
  #pressed(event) {
    const button = around(event, "[data-do]");
    const row = around(event, ".message");
    if (button?.dataset.do === "more") this.#openMenu(row, button);
    else if (button?.dataset.do) this.#do(button.dataset.do, row, button);
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    /** @type {HTMLElement | null} */
    const row = around(event, ".message");
    if (!row || event.defaultPrevented || elementOf(event).matches(WRITING) || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS.get(event.key);
    const what = this.#askedFor(event);
    if (step) /** @type {HTMLElement | null | undefined} */ (beside(row, step))?.focus();
    else if (event.key === "Escape") part(row.closest("thread-view") ?? part(document, ".write"), "message-composer textarea").focus();
    else if (what && this.#messageOf(row)) this.#do(what, row, this);
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #askedFor(event) {
    const shortcut = messageShortcutOf(event);
    const isTyped = shortcut && isLetter(shortcut.keys) && cameByPointer() && !this.chat.letters.areOn;
    return isTyped ? undefined : shortcut?.does;
  }

  /** @param {string} what @param {HTMLElement | null} row @param {HTMLElement} beside what was pressed */
  #do(what, row, beside) {
    const message = this.#messageOf(row);
    if (row && message) this.acts.do(what, message, { row, beside, emoji: beside.dataset.emoji });
  }

  /** @param {HTMLElement | null} row @param {HTMLElement} [beside] none where it comes from below */
  #openMenu(row, beside) {
    const message = this.#messageOf(row);
    if (!message || message.deleted_by || message.system) return;
    document.dispatchEvent(new CustomEvent("open-message-menu", { detail: { message, row, beside, acts: this.acts } }));
  }
}

/** The next row, or the one before: into a thread that is open under a row, and out of it.
    @param {HTMLElement} row @param {"previousElementSibling" | "nextElementSibling"} step */
function beside(row, step) {
  const isDown = step === "nextElementSibling";
  const first = isDown ? row.querySelector(".thread-messages > .message") : null;
  const root = row.parentElement?.closest(".message");
  return first ?? row[step] ?? (isDown ? root?.nextElementSibling : root);
}

customElements.define("message-actions", MessageActions);
