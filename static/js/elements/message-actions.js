/* <message-actions>: what one can do with a message. One bar for all rows: it moves into the row
   under the pointer, with the focus, or whose "more" button was pressed.

   With the focus in a row: arrows go to the next one, r answers, e changes, + gives a reaction,
   v shows earlier versions, Delete deletes, Escape goes back to writing. Where the focus came there by
   a press of the pointer, letters are none of these: who clicks beside the composer and writes on
   means a text. */

import { copy } from "../lib/clipboard.js";
import { around, elementOf, part } from "../lib/parts.js";
import { linkTo } from "../lib/routes.js";
import { t } from "../lib/words.js";
import { problemOf } from "../models/refused.js";
import { isLetter, messageShortcutOf } from "../models/shortcuts.js";
import { ToastNote } from "./toast-note.js";

const STEPS = new Map([
  ["ArrowUp", /** @type {const} */ ("previousElementSibling")],
  ["ArrowDown", /** @type {const} */ ("nextElementSibling")],
]);

/** @import { Chat } from "../models/chat.js" */
/** @import { Room } from "../models/room.js" */
/** @import { Message } from "../types.js" */

class MessageActions extends HTMLElement {
  list = part(document, "message-log .messages");
  toast = part(document, "toast-note", ToastNote);
  /** @type {Chat} */
  chat;
  #isPressing = false; // The pointer is down.
  #isPointed = false; // The focus came into the list by the pointer.

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.list.addEventListener("pointerover", (event) => this.#pointed(event));
    this.list.addEventListener("pointermove", (event) => this.#moved(event));
    this.list.addEventListener("pointerleave", () => this.#leaveTo(document.activeElement));
    this.list.addEventListener("focusin", (event) => {
      this.#isPointed = this.#isPressing;
      if (!elementOf(event).matches("[data-do=actions]")) this.#showOn(around(event, ".message"));
    });
    this.list.addEventListener("focusout", ({ relatedTarget }) => this.#leaveTo(relatedTarget));
    this.list.addEventListener("click", (event) => this.#pressed(event));
    this.list.addEventListener("keydown", (event) => this.#keyed(event));
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
    if (!row || !message || message.deleted_by) return this.#hide();
    if (this.parentNode !== row) row.append(this);
    const { changes } = this.chat;
    part(this, "[data-do=edit]").hidden = !changes.mayEdit(message);
    part(this, "[data-do=delete]").hidden = !changes.mayDelete(message);
    this.hidden = false;
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

  /** A finger that opens who it is, or all of a long text, asks for no more.
      @param {MouseEvent} event */
  #pressed(event) {
    const button = around(event, "[data-do]");
    const row = around(event, ".message");
    const message = this.#messageOf(row);
    if (event.detail > 0 && around(event, ".sender, .flag, .whole")) this.#hide();
    if (!button?.dataset.do || !row || !message) return;
    if (button.dataset.do !== "actions") return this.#do(button.dataset.do, message, row, button);
    if (this.hidden || this.parentNode !== row) this.#showOn(row);
    else this.#hide();
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    /** @type {HTMLElement | null} */
    const row = around(event, ".message");
    if (!row || event.ctrlKey || event.metaKey || event.altKey) return;
    const message = this.#messageOf(row);
    const step = STEPS.get(event.key);
    const what = this.#askedFor(event);
    if (step) /** @type {HTMLElement | null} */ (row[step])?.focus();
    else if (event.key === "Escape") part(document, "message-composer textarea").focus();
    else if (what && message) this.#do(what, message, row, row);
    else return;
    event.preventDefault();
  }

  /** @param {KeyboardEvent} event */
  #askedFor(event) {
    const shortcut = messageShortcutOf(event);
    const isTyped = shortcut && isLetter(shortcut.keys) && this.#isPointed && !this.chat.letters.areOn;
    return isTyped ? undefined : shortcut?.does;
  }

  /** @param {string} what @param {Message} message @param {HTMLElement} row @param {HTMLElement} button */
  #do(what, message, row, button) {
    const { changes, current } = this.chat;
    const { emoji } = button.dataset;
    if (what === "react" && emoji && changes.mayReact(message)) {
      this.#try(() => changes.toggle(current, message.seq, emoji));
    } else if (what === "pick" && changes.mayReact(message)) {
      this.#ask("pick-emoji", {
        beside: button === row ? this : button,
        chosen: (/** @type {string} */ given) => this.#try(() => this.#give(current, message.seq, given)),
        closed: () => row.focus(),
      });
    } else if (what === "reply" && changes.mayReact(message)) {
      this.#ask("reply-to-message", message);
    } else if (what === "edit" && changes.mayEdit(message)) {
      this.#ask("edit-message", message);
    } else if (what === "delete" && changes.mayDelete(message)) {
      this.#ask("delete-message", message);
    } else if (what === "versions" && message.edited_at) {
      this.#ask("show-versions", message);
    } else if (what === "unread") {
      this.#try(() => this.chat.reading.markUnread(current, message.seq));
    } else if (what === "copy") {
      this.#copy(linkTo(current.name, message.seq));
    } else if (what === "copy-text") {
      this.#copy(message.text);
    }
  }

  /** A reaction from the picker is given; pressing a reaction that is there toggles it.
      @param {Room} room @param {number} seq @param {string} emoji */
  async #give(room, seq, emoji) {
    const names = room.timeline?.find(seq)?.reactions?.[emoji] ?? [];
    if (!names.includes(this.chat.me)) await this.chat.changes.toggle(room, seq, emoji);
  }

  /** @param {string} type @param {unknown} detail */
  #ask(type, detail) {
    document.dispatchEvent(new CustomEvent(type, { detail }));
  }

  /** @param {string} text */
  async #copy(text) {
    try {
      await copy(text);
      this.toast.say(t("message.copied"));
    } catch (error) {
      if (!(error instanceof DOMException)) throw error;
      this.toast.say(t("message.not-copied"));
    }
  }

  /** @param {() => unknown} step */
  async #try(step) {
    try {
      await step();
    } catch (error) {
      this.toast.say(problemOf(error, t("composer.offline")));
    }
  }
}

customElements.define("message-actions", MessageActions);
