/* <shortcut-keys>: hears the keyboard for the whole page, and lists under "?" what it does. */

import { t } from "../lib/words.js";
import { SHORTCUTS, keyNames, shortcutOf } from "../models/shortcuts.js";

const IS_MAC = /Mac|iPhone|iPad/.test(navigator.platform);

class ShortcutKeys extends HTMLElement {
  #steps = {
    compose: () => document.querySelector("message-composer textarea").focus(),
    "previous-room": () => this.#goBy(-1),
    "next-room": () => this.#goBy(+1),
    "previous-unread": () => this.#goBy(-1, isUnread),
    "next-unread": () => this.#goBy(+1, isUnread),
    read: () => this.chat.reading.markRead(this.chat.current),
    shortcuts: () => this.dialog.showModal(),
  };

  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.querySelector("[data-do=close]").addEventListener("click", () => this.dialog.close());
    this.querySelector("dl").replaceChildren(...listed());
    document.addEventListener("keydown", (event) => this.#keyed(event));
    document.addEventListener("click", (event) => {
      const step = event.target.closest?.("[data-shortcut]")?.dataset.shortcut;
      if (step) this.#do(step);
    });
  }

  attend(chat) {
    this.chat = chat;
  }

  #keyed(event) {
    if (event.defaultPrevented || event.isComposing || document.querySelector("dialog[open]")) return;
    const isWriting = event.target.matches?.("input, textarea, select, [contenteditable]");
    const step = shortcutOf(event, { isWriting });
    if (!step || (step === "read" && document.querySelector(":popover-open"))) return;
    event.preventDefault();
    this.#do(step);
  }

  /** What is somebody else's business is only announced: "do-search", "do-switch" … */
  #do(step) {
    if (this.#steps[step]) this.#steps[step]();
    else document.dispatchEvent(new CustomEvent(`do-${step}`));
  }

  /** To the next room as they stand in the list. */
  #goBy(step, isWanted = () => true) {
    const names = [...document.querySelectorAll("room-list .room-link")].map(({ dataset }) => dataset.room);
    const at = names.indexOf(this.chat.current.name);
    for (let tries = 1; tries < names.length; tries += 1) {
      const room = this.chat.rooms.get(names[(at + step * tries + names.length * tries) % names.length]);
      if (isWanted(room)) return void this.chat.open(room.name);
    }
  }
}

function isUnread({ calling }) {
  return calling > 0;
}

function listed() {
  return Object.entries(Object.groupBy(SHORTCUTS, ({ does }) => does)).map(([does, shortcuts]) => {
    const row = document.createElement("div");
    const term = document.createElement("dt");
    const keys = document.createElement("dd");
    term.textContent = t(`shortcuts.${does}`);
    for (const shortcut of shortcuts) keys.append(...keyNodes(shortcut.keys));
    row.append(term, keys);
    return row;
  });
}

function keyNodes(keys) {
  return keyNames(keys, IS_MAC).flatMap((name) => {
    const key = document.createElement("kbd");
    key.textContent = name;
    return [key, " "];
  });
}

customElements.define("shortcut-keys", ShortcutKeys);
