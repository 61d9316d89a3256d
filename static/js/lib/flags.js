/* A person's flag follows from the name, so that it is the same on every page and after every
   restart. templates/_flag.html reckons the same way; tests/page holds the two together. */

const HUES = 8;
const PATTERNS = 6;
const utf8 = new TextEncoder();

/** `{letter, hue, pattern}` of a name.
    @param {string} name */
export function flagOf(name) {
  let sum = 0;
  for (const byte of utf8.encode(name)) sum = (sum * 131 + byte) % 9973;
  const [letter = ""] = name;
  return {
    letter: letter.toUpperCase(),
    hue: sum % HUES,
    pattern: Math.floor(sum / HUES) % PATTERNS,
  };
}
