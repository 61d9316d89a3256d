/* What can be said of a text before it is sent. The limit is the server's, chatapp/limits.py. */

export const MAX_TEXT_BYTES = 16 * 1024;

/** Of a text that is longer, the beginning is shown; templates/_message.html has the same numbers. */
const LONG_CHARACTERS = 1_800;
const LONG_BREAKS = 25;

const ACTION = /^\/me (?=\s*\S)/u;

/** By how many bytes a text is too long; zero or less where it fits.
    @param {string} text @param {number} [most] */
export function excessBytes(text, most = MAX_TEXT_BYTES) {
  return new TextEncoder().encode(text).length - most;
}

/** Whether it would fill the screen.
    @param {string} text */
export function isLong(text) {
  return text.length > LONG_CHARACTERS || text.split("\n").length > LONG_BREAKS + 1;
}

/** "/me waves" is an action: its command and what is done. null for any other text.
    @param {string} text */
export function actionOf(text) {
  const found = ACTION.exec(text);
  return found && { command: found[0], deed: text.slice(found[0].length) };
}
