/* How well a name fits what somebody typed in a hurry: beginnings before middles, letters that are
   only somewhere in it last, and a slip of the finger is forgiven. */

import { folded } from "./folded.js";

const WORDS = /[\p{L}\p{N}]+/gu;
const LETTERS_FOR_A_SLIP = 3;
const LETTERS_FOR_TWO = 7;

/** From 1, the same, down to just above 0; null where it does not fit.
    @param {string} typed @param {string} name */
export function fit(typed, name) {
  const sought = folded(typed.trim());
  const whole = folded(name);
  const length = sought.length / Math.max(whole.length, sought.length, 1);
  if (sought === "") return 0.01;
  if (whole === sought) return 1;
  if (whole.startsWith(sought)) return 0.8 + length / 10;
  const words = whole.match(WORDS) ?? [];
  if (words.some((word) => word.startsWith(sought))) return 0.6 + length / 10;
  if (whole.includes(sought)) return 0.5 + length / 10;
  if (isSlip(sought, [whole, ...words])) return 0.3 + length / 10;
  if (isScattered(sought, whole)) return 0.1 + length / 10;
  return null;
}

/** Typed with one letter wrong, missing, too many or swapped; two in a long name.
    @param {string} sought @param {string[]} words */
function isSlip(sought, words) {
  if (sought.length < LETTERS_FOR_A_SLIP) return false;
  const forgiven = sought.length < LETTERS_FOR_TWO ? 1 : 2;
  return words.some((word) => distanceToBeginning(sought, word) <= forgiven);
}

/** The least changes that make `sought` some beginning of `word`.
    @param {string} sought @param {string} word */
function distanceToBeginning(sought, word) {
  /** @type {number[]} */
  let before = [];
  let last = Array.from({ length: word.length + 1 }, (_, index) => index);
  for (let i = 1; i <= sought.length; i += 1) {
    const row = [i];
    for (let j = 1; j <= word.length; j += 1) {
      const isSame = sought[i - 1] === word[j - 1];
      row[j] = Math.min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (isSame ? 0 : 1));
      const isSwap = i > 1 && j > 1 && sought[i - 1] === word[j - 2] && sought[i - 2] === word[j - 1];
      if (isSwap) row[j] = Math.min(row[j], before[j - 2] + 1);
    }
    [before, last] = [last, row];
  }
  return Math.min(...last);
}

/** All its letters, in order: "dsg" is in "design".
    @param {string} sought @param {string} whole */
function isScattered(sought, whole) {
  let from = 0;
  for (const letter of sought) {
    const at = whole.indexOf(letter, from);
    if (at < 0) return false;
    from = at + 1;
  }
  return true;
}
