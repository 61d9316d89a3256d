/* The lists of <shortcut-keys>, loaded when somebody opens them for the first time. */

import { t } from "../../lib/text/words.js";
import { IS_MAC } from "../../lib/browser/keys.js";
import { ON_A_MESSAGE } from "../../models/message/message-shortcuts.js";
import { SHORTCUTS, WHILE_WRITING, isLetter } from "../../models/page/shortcuts.js";

/* The names of what is done with a message, in the catalogue; they stand here, not with the keys, because words
   of this file need not come with the page. */
const ON_MESSAGES = {
  reply: "message.reply",
  thread: "thread.reply",
  quote: "message.quote",
  forward: "forward.menu",
  select: "selection.menu",
  edit: "message.edit",
  pick: "message.react",
  versions: "versions.title",
  delete: "message.delete",
};
/* What the composer itself does. */
const OF_THE_FIELD = [
  { does: "line", keys: "Shift+Enter" },
  { does: "edit-last", keys: "ArrowUp" },
];

/** Rows of the shortcuts that work anywhere, one for each thing they do.
    @param {{ hasLetters: boolean }} situation whether single letters are shortcuts */
export function rowsAnywhere({ hasLetters }) {
  const shown = SHORTCUTS.filter(({ keys }) => hasLetters || !isLetter(keys));
  const table = Object.entries(Object.groupBy(shown, ({ does }) => does));
  return table.map(([does, shortcuts = []]) => rowOf(t(`shortcuts.${does}`), shortcuts.map(({ keys }) => keys)));
}

/** Rows of what keys do while a message has the focus. */
export function rowsOnAMessage() {
  return ON_A_MESSAGE.map(({ does, keys }) => rowOf(t(ON_MESSAGES[/** @type {"reply"} */ (does)]), [keys]));
}

/** Rows of what keys do while one writes. */
export function rowsWhileWriting() {
  return [...WHILE_WRITING, ...OF_THE_FIELD].map(({ does, keys }) => rowOf(t(`format.${does}`), [keys]));
}

/** The keys of a shortcut, as they stand on the keyboard.
    @param {string} keys @param {boolean} isMac */
export function keyNames(keys, isMac) {
  /** @type {Record<string, string>} */
  const names = {
    Mod: isMac ? "⌘" : "Ctrl",
    Escape: "Esc",
    ArrowUp: "↑",
    ArrowDown: "↓",
    PageUp: "Page ↑",
    PageDown: "Page ↓",
  };
  return keys.split(/(?!^)\+/).map((key) => names[key] ?? key);
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
