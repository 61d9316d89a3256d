/* Whom a text calls. The server counts by the same rule, chatapp/reading/mentions.py. */

const EVERYONE = ["room", "all"];

/** Whether a text calls the person of this name, in any spelling, or everyone.
    @param {string | undefined} text @param {string} name */
export function calls(text, name) {
  if (!text?.includes("@")) return false;
  const names = [name, ...EVERYONE].map((who) => escaped(plain(who)));
  return new RegExp(`(?<![\\p{L}\\p{N}_])@(?:${names.join("|")})(?![\\p{L}\\p{N}_])`, "u").test(plain(text));
}

/** @param {string} text */
function plain(text) {
  return text.normalize("NFKC").toLowerCase();
}

/** @param {string} text */
function escaped(text) {
  return text.replace(/[\\^$.*+?()[\]{}|/]/g, "\\$&");
}
