/* A person's flag follows from the name, so that it is the same on every page and after every
   restart; the colour is theirs to choose. chatapp/text/flags.py has the same rules; tests/page
   compares both. */

const COLOURS = ["teal", "blue", "violet", "rose", "red", "amber", "green", "slate"]; // --flag-0 …
const PATTERNS = 6;
const utf8 = new TextEncoder();

/** `photo` is the digest of one, or "".
    @typedef {{ letter: string, hue: number, pattern: number, photo: string }} Flag */

/** The flag of a name, for who is shown like this.
    @param {string} name @param {{ display_name?: string, colour?: string | null, photo?: string } | null} profile
    @returns {Flag} */
export function flagOf(name, profile = null) {
  let sum = 0;
  for (const byte of utf8.encode(name)) sum = (sum * 131 + byte) % 9973;
  const [letter = ""] = profile?.display_name || name;
  const chosen = COLOURS.indexOf(profile?.colour ?? "");
  return {
    letter: letter.toUpperCase(),
    hue: chosen < 0 ? sum % COLOURS.length : chosen,
    pattern: Math.floor(sum / COLOURS.length) % PATTERNS,
    photo: profile?.photo ?? "",
  };
}
