/* What the keyboard does: one table, which the page obeys and lists under "?".

   A shortcut without Ctrl, Alt or ⌘ is a letter to somebody who is writing: then it is none. Single
   letters are shortcuts only for who has asked for that: to everybody else they are the beginning of
   a text. "Mod" is ⌘ on a Mac and Ctrl elsewhere. */

import { IS_MAC, hasMod, latinKeyOf } from "../../lib/browser/keys.js";

/** @import { Memory } from "../../lib/storage/memory.js" */

export const SHORTCUTS = [
  { does: "switch", keys: "Mod+K" },
  { does: "search", keys: "Mod+F" },
  { does: "search", keys: "/" },
  { does: "compose", keys: "C" },
  { does: "scroll-up", keys: "PageUp" },
  { does: "scroll-down", keys: "PageDown" },
  { does: "previous-room", keys: "Alt+ArrowUp" },
  { does: "next-room", keys: "Alt+ArrowDown" },
  { does: "previous-unread", keys: "Alt+Shift+ArrowUp" },
  { does: "next-unread", keys: "Alt+Shift+ArrowDown" },
  { does: "new-message", keys: "M" },
  { does: "create-room", keys: "N" },
  { does: "browse", keys: "B" },
  { does: "inbox", keys: "I" },
  { does: "threads", keys: "T" },
  { does: "details", keys: "D" },
  { does: "people", keys: "P" },
  { does: "jump-to-date", keys: "G" },
  { does: "settings", keys: "," },
  { does: "read", keys: "Escape" },
  { does: "shortcuts", keys: "Mod+/" },
  { does: "shortcuts", keys: "?" },
];

/* While one writes. */
export const WHILE_WRITING = [
  { does: "bold", keys: "Mod+B" },
  { does: "italic", keys: "Mod+I" },
  { does: "link", keys: "Mod+Shift+U" },
];

/** What a key press in the composer asks to be formatted, or undefined.
    @param {KeyboardEvent} event @param {boolean} [isMac] */
export function formatShortcutOf(event, isMac = IS_MAC) {
  return WHILE_WRITING.find(({ keys }) => isPressed(keys, event, isMac))?.does;
}

/** Whether single letters are shortcuts, as somebody has chosen in this browser. */
export class LetterShortcuts {
  #name;

  /** @param {{ memory: Memory, me: string }} parts */
  constructor({ memory, me }) {
    this.memory = memory;
    this.#name = `letters.${me}`;
  }

  /** @returns {boolean} */
  get areOn() {
    return this.memory.get(this.#name, false);
  }

  set areOn(isWanted) {
    this.memory.put(this.#name, isWanted);
  }
}

/** What a key press asks for; null where it is nothing, or a letter of a text.
    @param {KeyboardEvent} event
    @param {{ isWriting: boolean, hasLetters: boolean, isMac?: boolean }} situation */
export function shortcutOf(event, { isWriting, hasLetters, isMac = IS_MAC }) {
  const found = SHORTCUTS.find(({ keys }) => isPressed(keys, event, isMac));
  if (!found || (isLetter(found.keys) && (isWriting || !hasLetters))) return null;
  return found.does;
}

/** @param {string} keys */
export function isLetter(keys) {
  return keys.length === 1;
}

/** @param {string} keys @param {KeyboardEvent} event @param {boolean} isMac */
function isPressed(keys, event, isMac) {
  const wanted = keys.split("+");
  const last = wanted.at(-1) ?? "";
  const isSymbol = /^[^\p{L}]$/u.test(last); // "?" is with Shift on one keyboard, without on another.
  return (
    latinKeyOf(event).toLowerCase() === last.toLowerCase() &&
    hasMod(event, isMac) === wanted.includes("Mod") &&
    event.altKey === wanted.includes("Alt") &&
    (isSymbol || event.shiftKey === wanted.includes("Shift"))
  );
}
