/* What the keyboard does with the focus on a message. */

import { latinKeyOf } from "../../lib/browser/keys.js";

export const ON_A_MESSAGE = [
  { does: "reply", keys: "R" },
  { does: "thread", keys: "T" },
  { does: "quote", keys: "Q" },
  { does: "forward", keys: "F" },
  { does: "select", keys: "X" },
  { does: "edit", keys: "E" },
  { does: "pick", keys: "+" },
  { does: "versions", keys: "V" },
  { does: "delete", keys: "Delete" },
];

/** What a key press asks for with the focus on a message, or undefined.
    @param {KeyboardEvent} event */
export function messageShortcutOf(event) {
  const key = latinKeyOf(event).toLowerCase();
  return ON_A_MESSAGE.find(({ keys }) => keys.toLowerCase() === key);
}
