/* What can be said of a text before it is sent. The limit is the server's, chatapp/limits.py. */

export const MAX_TEXT_BYTES = 16 * 1024;

/** Of a text that is longer, the beginning is shown; templates/_message.html has the same numbers. */
const LONG_CHARACTERS = 1_800;
const LONG_BREAKS = 25;

/* What the eye needs to see form in a text: fences and signs before a line, links, pairs of marks. */
const SIGNS = /^ {0,3}(?:`{3}|~{3}).*$|^\s*(?:>|[-+*] )\s*/gmu;
const LINK = /\[([^\]\n]+)\]\([^)\s]*\)/gu;
const PAIR = /(?<![\p{L}\p{N}])(__?)(?=\S)(.+?)(?<=\S)\1(?![\p{L}\p{N}])|(\*{1,3}|~~|`+)(?=\S)(.+?)(?<=\S)\3/gu;
const NESTED_AT_MOST = 3;
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
  return beginning(text, LONG_CHARACTERS) !== text || text.split("\n").length > LONG_BREAKS + 1;
}

/** "/me waves" is an action: its command and what is done. null for any other text.
    @param {string} text */
export function actionOf(text) {
  const found = ACTION.exec(text);
  return found && { command: found[0], deed: text.slice(found[0].length) };
}

/** A text that is not formatted, without the marks that were written all the same.
    @param {string} text */
export function withoutMarks(text) {
  let words = text.replace(SIGNS, "").replace(LINK, "$1");
  for (let depth = 0; depth < NESTED_AT_MOST; depth += 1) words = words.replace(PAIR, "$2$4");
  return words;
}

/** The beginning of a text on one line, as quotes and notices have it; chatapp/pages/richness.py does
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
