/* What the keyboard does: one table, which the page obeys and lists under "?".

   A shortcut without Ctrl, Alt or ⌘ is a letter to somebody who is writing: then it is none.
   "Mod" is ⌘ on a Mac and Ctrl elsewhere. */

export const SHORTCUTS = [
  { does: "switch", keys: "Mod+K" },
  { does: "search", keys: "Mod+F" },
  { does: "search", keys: "/" },
  { does: "compose", keys: "C" },
  { does: "previous-room", keys: "Alt+ArrowUp" },
  { does: "next-room", keys: "Alt+ArrowDown" },
  { does: "previous-unread", keys: "Alt+Shift+ArrowUp" },
  { does: "next-unread", keys: "Alt+Shift+ArrowDown" },
  { does: "new-message", keys: "M" },
  { does: "create-room", keys: "N" },
  { does: "browse", keys: "B" },
  { does: "details", keys: "D" },
  { does: "people", keys: "P" },
  { does: "jump-to-date", keys: "G" },
  { does: "settings", keys: "," },
  { does: "read", keys: "Escape" },
  { does: "shortcuts", keys: "?" },
];

/* With the focus on a message. `says` is the name of it in the catalogue. */
export const ON_A_MESSAGE = [
  { does: "reply", keys: "R", says: "message.reply" },
  { does: "edit", keys: "E", says: "message.edit" },
  { does: "pick", keys: "+", says: "message.react" },
  { does: "versions", keys: "V", says: "versions.title" },
  { does: "delete", keys: "Delete", says: "message.delete" },
];

/** What a key press asks for; null where it is nothing, or a letter of a text.
    @param {KeyboardEvent} event @param {{ isWriting: boolean }} situation */
export function shortcutOf(event, { isWriting }) {
  const found = SHORTCUTS.find(({ keys }) => isPressed(keys, event));
  if (!found || (isWriting && isLetter(found.keys))) return null;
  return found.does;
}

/** The keys one by one, as they stand on the keyboard.
    @param {string} keys @param {boolean} isMac */
export function keyNames(keys, isMac) {
  /** @type {Record<string, string>} */
  const names = { Mod: isMac ? "⌘" : "Ctrl", Escape: "Esc", ArrowUp: "↑", ArrowDown: "↓" };
  return keys.split(/(?!^)\+/).map((key) => names[key] ?? key);
}

/** @param {string} keys @param {KeyboardEvent} event */
function isPressed(keys, { key, ctrlKey, metaKey, altKey, shiftKey }) {
  const wanted = keys.split("+");
  const last = wanted.at(-1) ?? "";
  const isSymbol = /^[^\p{L}]$/u.test(last); // "?" is with Shift on one keyboard, without on another.
  return (
    key.toLowerCase() === last.toLowerCase() &&
    (ctrlKey || metaKey) === wanted.includes("Mod") &&
    altKey === wanted.includes("Alt") &&
    (isSymbol || shiftKey === wanted.includes("Shift"))
  );
}

/** @param {string} keys */
function isLetter(keys) {
  return keys.length === 1;
}
