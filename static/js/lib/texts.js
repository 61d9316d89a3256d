/* What can be said of a text before it is sent. The limit is the server's, chatapp/limits.py. */

export const MAX_TEXT_BYTES = 16 * 1024;

const ACTION = /^\/me (?=\s*\S)/u;

/** By how many bytes a text is too long; zero or less where it fits.
    @param {string} text @param {number} [most] */
export function excessBytes(text, most = MAX_TEXT_BYTES) {
  return new TextEncoder().encode(text).length - most;
}

/** "/me waves" is an action: its command and what is done. null for any other text.
    @param {string} text */
export function actionOf(text) {
  const found = ACTION.exec(text);
  return found && { command: found[0], deed: text.slice(found[0].length) };
}
