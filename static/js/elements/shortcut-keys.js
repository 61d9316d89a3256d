/* <shortcut-keys>: hears the keyboard for the whole page, and lists under "?" what it does. */

import { around, elementOf, part } from "../lib/parts.js";
import { t } from "../lib/words.js";
import { ON_A_MESSAGE, SHORTCUTS, keyNames, shortcutOf } from "../models/shortcuts.js";

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);

/** @import { Room } from "../models/room.js" */

class ShortcutKeys extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  /** @type {import("../models/chat.js").Chat} */
  chat;

  /** @type {Record<string, () => void>} */
  #steps = {
    compose: () => part(document, "message-composer textarea", HTMLTextAreaElement).focus(),
    "previous-room": () => this.#goBy(-1),
    "next-room": () => this.#goBy(+1),
    "previous-unread": () => this.#goBy(-1, isUnread),
    "next-unread": () => this.#goBy(+1, isUnread),
    read: () => this.chat.reading.markRead(this.chat.current),
    shortcuts: () => this.dialog.showModal(),
  };

  connectedCallback() {
    part(this, "[data-do=close]", HTMLButtonElement).addEventListener("click", () => this.dialog.close());
    part(this, ".anywhere").replaceChildren(...listed());
    part(this, ".on-a-message").replaceChildren(...ON_A_MESSAGE.map(({ says, keys }) => rowOf(t(says), [keys])));
    document.addEventListener("keydown", (event) => this.#keyed(event));
    document.addEventListener("click", (event) => {
      const step = around(event, "[data-shortcut]")?.dataset.shortcut;
      if (step) this.#do(step);
    });
  }

  /** @param {import("../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const isWriting = elementOf(event).matches("input, textarea, select, [contenteditable]");
    const step = shortcutOf(event, { isWriting });
    if (!step || (step === "read" && document.querySelector(":popover-open"))) return;
    event.preventDefault();
    this.#do(step);
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

function listed() {
  const table = Object.entries(Object.groupBy(SHORTCUTS, ({ does }) => does));
  return table.map(([does, shortcuts = []]) => rowOf(t(`shortcuts.${does}`), shortcuts.map(({ keys }) => keys)));
}

/** @param {string} name @param {string[]} ways each with the keys that are pressed together */
function rowOf(name, ways) {
  const row = document.createElement("div");
  const term = document.createElement("dt");
  const keys = document.createElement("dd");
  term.textContent = name;
  keys.append(...ways.flatMap((way, at) => (at ? ["· ", ...keyNodes(way)] : keyNodes(way))));
  row.append(term, keys);
  return row;
}

/** @param {string} keys */
function keyNodes(keys) {
  return keyNames(keys, IS_MAC).flatMap((name) => {
    const key = document.createElement("kbd");
    key.textContent = name;
    return [key, " "];
  });
}

customElements.define("shortcut-keys", ShortcutKeys);
