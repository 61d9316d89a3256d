/* <shortcut-keys>: hears the keyboard for the whole page. What is typed beside the composer goes into it,
   unless single letters are shortcuts. */

import { around, elementOf, part } from "../../lib/page/parts.js";
import { isComposing, isText } from "../../lib/browser/keys.js";
import { shortcutOf } from "../../models/page/shortcuts.js";

const WRITING = "input, textarea, select, [contenteditable]";

/** @import { Room } from "../../models/rooms/room.js" */

class ShortcutKeys extends HTMLElement {
  composer = part(document, "message-composer textarea", HTMLTextAreaElement);
  /** @type {import("../../models/chat.js").Chat} */
  chat;

  /** @type {Record<string, () => void>} */
  #steps = {
    compose: () => this.composer.focus(),
    "previous-room": () => this.#goBy(-1),
    "next-room": () => this.#goBy(+1),
    "previous-unread": () => this.#goBy(-1, isUnread),
    "next-unread": () => this.#goBy(+1, isUnread),
    read: () => this.chat.opened && this.chat.reading.markRead(this.chat.opened),
  };

  connectedCallback() {
    document.addEventListener("keydown", (event) => this.#keyed(event));
    document.addEventListener("click", (event) => {
      const step = around(event, "[data-shortcut]")?.dataset.shortcut;
      if (step) this.#do(step);
      const day = around(event, "[data-do=day]")?.querySelector("time")?.dateTime;
      if (day) document.dispatchEvent(new CustomEvent("do-jump-to-date", { detail: { at: day } }));
    });
  }

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.defaultPrevented || isComposing(event) || document.querySelector("dialog[open]")) return;
    const element = elementOf(event);
    const isWriting = element.matches(WRITING);
    const hasLetters = this.chat.letters.areOn;
    const step = shortcutOf(event, { isWriting, hasLetters });
    if (!step && !isWriting && !hasLetters) this.#typedBeside(event);
    if (!step || isForWhatIsOpen(step) || isForTheElement(step, element)) return;
    event.preventDefault();
    this.#do(step);
  }

  /** The browser writes the letter where the focus is by then.
      @param {KeyboardEvent} event */
  #typedBeside(event) {
    if (isText(event) && !elementOf(event).closest(":popover-open")) this.composer.focus();
  }

  /** What is somebody else's business is only announced: "do-search", "do-switch" …
      @param {string} step */
  #do(step) {
    if (this.#steps[step]) this.#steps[step]();
    else document.dispatchEvent(new CustomEvent(`do-${step}`));
  }

  /** To the next room as they stand in the list.
      @param {number} step @param {(room: Room) => boolean} [isWanted] */
  #goBy(step, isWanted = () => true) {
    const names = [...document.querySelectorAll("room-list .room-link")].map((link) => link.getAttribute("data-room") ?? "");
    const at = names.indexOf(this.chat.current.name);
    for (let tries = 1; tries < names.length; tries += 1) {
      const room = this.chat.rooms.get(names[(at + step * tries + names.length * tries) % names.length]);
      if (room && isWanted(room)) return void this.chat.open(room.name);
    }
  }
}

/** @param {Room} room */
function isUnread({ calling }) {
  return calling > 0;
}

/** Escape closes what is open first.
    @param {string} step */
function isForWhatIsOpen(step) {
  return step === "read" && document.querySelector(":popover-open") !== null;
}

/** A page up or down is the room's to whoever writes, or is nowhere; a list that has the focus, and a
    text that is longer than its field, scroll by themselves.
    @param {string} step @param {Element} element */
function isForTheElement(step, element) {
  if (step !== "scroll-up" && step !== "scroll-down") return false;
  return element.matches("textarea") ? element.scrollHeight > element.clientHeight : element !== document.body;
}

customElements.define("shortcut-keys", ShortcutKeys);
