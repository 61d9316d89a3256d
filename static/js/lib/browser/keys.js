/* What a key press is, whatever the browser, the system and the keyboard layout. */

export const IS_MAC = /Mac|iPhone|iPad/.test(globalThis.navigator?.platform ?? "");

/** Whether the key belongs to an input method that is composing a text. Safari ends the composition
    before it tells of the Enter that ended it: only the old key code still says what that was.
    @param {KeyboardEvent} event */
export function isComposing(event) {
  return event.isComposing || event.keyCode === 229;
}

/** Whether the system's own modifier for shortcuts is held: ⌘ on a Mac, where Ctrl edits texts, and
    Ctrl elsewhere. null: another one is held.
    @param {{ ctrlKey: boolean, metaKey: boolean }} event @param {boolean} isMac */
export function hasMod({ ctrlKey, metaKey }, isMac) {
  const [mod, other] = isMac ? [metaKey, ctrlKey] : [ctrlKey, metaKey];
  return other ? null : mod;
}

/** The key, where a layout has no Latin letters that of the letter which stands in its place.
    @param {{ key: string, code?: string }} event */
export function latinKeyOf({ key, code = "" }) {
  const isForeign = /^\p{L}$/u.test(key) && !/^\p{Script=Latin}$/u.test(key);
  return isForeign && code.startsWith("Key") ? code.slice("Key".length).toLowerCase() : key;
}

/** Whether the press writes something, where somebody can write. AltGr is Ctrl and Alt to Windows.
    @param {KeyboardEvent} event @param {boolean} [isMac] */
export function isText(event, isMac = IS_MAC) {
  if (event.key === " " || [...event.key].length !== 1) return false;
  if (event.getModifierState("AltGraph")) return true;
  return !event.ctrlKey && !event.metaKey && (isMac || !event.altKey);
}
