/* <message-actions>: the bar over a message. One for all rows: it moves into the row under the pointer or
   with the focus. Behind its dots is a menu with words, which a long press opens on a phone.

   With the focus in a row: arrows go to the next one, r answers, e changes, + gives a reaction,
   v shows earlier versions, Delete deletes, Escape goes back to writing. Where the focus came there by
   a press of the pointer, letters are none of these: who clicks beside the composer and writes on
   means a text. */

import { around, part } from "../lib/parts.js";
import { isLetter, messageShortcutOf } from "../models/shortcuts.js";
import { MessageActs } from "./message-acts.js";

const STEPS = new Map([
  ["ArrowUp", /** @type {const} */ ("previousElementSibling")],
  ["ArrowDown", /** @type {const} */ ("nextElementSibling")],
]);

/** @import { Chat } from "../models/chat.js" */

class MessageActions extends HTMLElement {
  list = part(document, "message-log .messages");
  scroller = part(document, "message-log .scroller");
  /** @type {Chat} */
  chat;
  /** @type {MessageActs} */
  acts;
  #isPressing = false; // The pointer is down.
  #isPointed = false; // The focus came into the list by the pointer.

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.acts = new MessageActs(chat);
    this.list.addEventListener("pointerover", (event) => this.#pointed(event));
    this.list.addEventListener("pointermove", (event) => this.#moved(event));
    this.list.addEventListener("pointerleave", () => this.#leaveTo(document.activeElement));
    this.list.addEventListener("focusin", (event) => {
      this.#isPointed = this.#isPressing;
      this.#showOn(around(event, ".message"));
    });
    this.list.addEventListener("focusout", ({ relatedTarget }) => this.#leaveTo(relatedTarget));
    this.list.addEventListener("click", (event) => this.#pressed(event));
    this.list.addEventListener("keydown", (event) => this.#keyed(event));
    this.list.addEventListener("longpress", (event) => this.#openMenu(around(event, ".message")));
    this.list.addEventListener("replyswipe", (event) => this.#do("reply", around(event, ".message"), this));
    document.addEventListener("pointerdown", ({ target }) => {
      this.#isPressing = true;
      this.#leaveTo(target);
    });
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, () => (this.#isPressing = false));
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
    const above = this.scroller.getBoundingClientRect().top - row.getBoundingClientRect().top;
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
    return row?.dataset.seq ? this.chat.current.timeline?.find(Number(row.dataset.seq)) : null;
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
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const step = STEPS.get(event.key);
    const what = this.#askedFor(event);
    if (step) /** @type {HTMLElement | null} */ (row[step])?.focus();
    else if (event.key === "Escape") part(document, "message-composer textarea").focus();
    else if (what && this.#messageOf(row)) this.#do(what, row, this);
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #askedFor(event) {
    const shortcut = messageShortcutOf(event);
    const isTyped = shortcut && isLetter(shortcut.keys) && this.#isPointed && !this.chat.letters.areOn;
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

customElements.define("message-actions", MessageActions);
