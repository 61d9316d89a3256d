/* Names as they are compared: chatapp/domain/limits.py, name_key. */

const ASCII = /^[\0-\x7f]*$/u;
const CHEROKEE = /[\uab70-\uabbf\u13f8-\u13fd]/gu;

/** The same for all spellings of a name: case, width, accents composed or not.
    @param {string} name */
export function nameKey(name) {
  if (ASCII.test(name)) return name.toLowerCase();
  return caseFolded(name.normalize("NFKC")).normalize("NFKC");
}

/** Python's `casefold`: ß is ss, which only its capitals tell; ı is not i; and Cherokee is compared
    by capitals.
    @param {string} text */
export function caseFolded(text) {
  return text
    .split("ı")
    .map((part) => part.toLowerCase().toUpperCase().toLowerCase())
    .join("ı")
    .replaceAll("ς", "σ")
    .replace(CHEROKEE, (letter) => letter.toUpperCase());
}
