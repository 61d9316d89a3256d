/* What can be said of a text before it is sent. The limit is the server's, chatapp/domain/limits.py. */

export const MAX_TEXT_BYTES = 16 * 1024;

/** Of a text that is longer, the beginning is shown; chatapp/features/pages/richness.py has
    the same numbers. */
const LONG_CHARACTERS = 1_800;
const LONG_BREAKS = 25;
/** A block of code that is folded, of which the beginning is shown: code-blocks.js. */
const FOLDED = /(?<![^\n])( {0,3}(`{3,}|~{3,})[^\n]*\n(?:[^\n]*\n){12})(?:[^\n]*\n){9,}? {0,3}\2/gu;

/* What the eye needs to see form in a text: fences and signs before a line, links, pairs of marks. */
const SIGNS = /^ {0,3}(?:`{3}|~{3}).*$|^[ \t]*(?:>|[-+*] )\s*/gmu;
const LINK = /\[([^[\]\n]+)\]\([^)\s]{0,300}\)/gu;
const MARKS_IN_PAIRS = /(__?|\*{1,3}|~~|`+)/u;
const LETTER = /[\p{L}\p{N}]/u;
const FENCE = /^ {0,3}(`{3,}(?=[^`]*$)|~{3,})(.*)$/u;
const SHORT_CHARACTERS = 200;

const ACTION = /^\/me (?=\s*\S)/u;

/** By how many bytes a text is too long; zero or less where it fits.
    @param {string} text @param {number} [most] */
export function excessBytes(text, most = MAX_TEXT_BYTES) {
  return new TextEncoder().encode(text).length - most;
}

/** Whether it would fill the screen.
    @param {string} text */
export function isLong(text) {
  const shown = text.replace(FOLDED, "$1");
  return beginning(shown, LONG_CHARACTERS) !== shown || shown.split("\n").length > LONG_BREAKS + 1;
}

/** "/me waves" is an action: its command and what is done. null for any other text.
    @param {string} text */
export function actionOf(text) {
  const found = ACTION.exec(text);
  return found && { command: found[0], deed: text.slice(found[0].length) };
}

/** Whether a block of code is open at the end of a text: Enter breaks the line there.
    @param {string} text */
export function isInFence(text) {
  let open = "";
  for (const line of text.split("\n")) {
    const [, fence = "", rest = ""] = FENCE.exec(line) ?? [];
    if (open === "") open = fence;
    else if (fence.startsWith(open) && rest.trim() === "") open = "";
  }
  return open !== "";
}

/** A text that is not formatted, without the marks that were written all the same.
    @param {string} text */
export function withoutMarks(text) {
  return withoutPairs(text.replace(SIGNS, "").replace(LINK, "$1"));
}

/** Without the marks that stand around something on a line, in one walk: each closes the first one of
    its kind that is open.
    @param {string} text */
function withoutPairs(text) {
  const pieces = text.split(MARKS_IN_PAIRS); // words, a mark, words, a mark, … words
  const kept = [...pieces];
  /** @type {Map<string, number>} */
  const opened = new Map();
  for (let place = 1; place < pieces.length; place += 2) {
    const [words, mark] = pieces.slice(place - 1, place + 1);
    const before = pieces.slice(Math.max(0, place - 2), place).join("");
    const after = pieces.slice(place + 1, place + 3).join("");
    if (words.includes("\n")) opened.clear();
    const first = opened.get(mark) ?? place;
    const last = [...before.slice(-2)].at(-1);
    const next = [...after.slice(0, 2)][0];
    if (endsAt(last, mark, next) && (first < place - 2 || (first < place && words))) {
      opened.delete(mark);
      kept[first] = kept[place] = "";
    } else if (endsAt(next, mark, last) && !opened.has(mark)) opened.set(mark, place);
  }
  return kept.join("");
}

/** Whether a mark may be an end of what is on the one side of it; "_" is none within a word.
    @param {string | undefined} inside @param {string} mark @param {string | undefined} outside */
function endsAt(inside, mark, outside) {
  const isInAWord = mark.startsWith("_") && outside !== undefined && LETTER.test(outside);
  return inside !== undefined && inside.trim() !== "" && !isInAWord;
}

/** The beginning of a text on one line, as quotes and notices have it; chatapp/features/pages/richness.py does
    alike.
    @param {string} text */
export function inShort(text) {
  const words = withoutMarks(beginning(actionOf(text)?.deed ?? text, 5 * SHORT_CHARACTERS));
  return beginning(words.replace(/\s+/gu, " ").trim(), SHORT_CHARACTERS);
}

/** The first characters, counted as the server counts them: an emoji is one, and stays whole.
    @param {string} text @param {number} characters */
export function beginning(text, characters) {
  if (text.length <= characters) return text;
  return [...text.slice(0, 2 * characters)].slice(0, characters).join("");
}
