/* A search query as the server reads it (chatapp/text/query.py): words, and operators with a value. */

const PART = /(-)?(?:(from|in|before|after|has|file|thread|is):)?(?:"([^"]*)"?|([^\s"]+))/giu;
const QUOTES = /[“”„‟«»＂]/gu;
const UNFINISHED = /(?:^|\s)-?(?:from|in|before|after|has|file|thread|is):["“]?[@#]?$/iu;

/** @typedef {"from" | "in" | "after" | "before" | "has" | "file" | "thread" | "is"} Key */

/** What `has:` takes. */
export const HAS = ["link", "file", "image", "video", "audio", "document"];

/** Whether this is an operator, and not a word: it can have this value.
    @param {Key | null} key @param {string} value */
export function isOperator(key, value) {
  if (key === "has") return HAS.includes(value.toLowerCase());
  if (key === "thread") return /^[1-9]\d{0,14}$/u.test(value);
  if (key === "is") return value.toLowerCase() === "thread";
  return key !== null;
}

/** `start` and `end` are where it stands in the query.
    @typedef {{ key: Key | null, value: string, isPhrase: boolean, isExcluded: boolean, start: number, end: number }} Part */

/** @param {string} query @returns {Part[]} */
export function partsOf(query) {
  return [...query.replace(QUOTES, '"').matchAll(PART)].map(({ 0: all, 1: without, 2: key, 3: phrase, 4: word, index }) => ({
    key: /** @type {Key | null} */ (key?.toLowerCase() ?? null),
    value: phrase ?? word,
    isPhrase: phrase !== undefined,
    isExcluded: Boolean(without),
    start: index,
    end: index + all.length,
  }));
}

/** The query without an operator at its end that has no value yet.
    @param {string} query */
export function finished(query) {
  return query.replace(UNFINISHED, "").trim();
}

/** The value of each operator; of several, the last one's.
    @param {string} query @returns {Partial<Record<Key, string>>} */
export function filtersIn(query) {
  const narrowing = partsOf(query).filter(({ key, isExcluded }) => key && !isExcluded);
  return Object.fromEntries(narrowing.map(({ key, value }) => [key, value]));
}

/** The query without these operators.
    @param {string} query @param {Key[]} keys */
export function withoutFilters(query, keys) {
  const gone = partsOf(query).filter(({ key, isExcluded }) => key && !isExcluded && keys.includes(key));
  let left = query;
  for (const { start, end } of gone.reverse()) left = left.slice(0, start).trimEnd() + left.slice(end);
  return left.trim();
}

/** The query with this operator instead of those that there are of its kind.
    @param {string} query @param {Key} key @param {string} value */
export function withFilter(query, key, value) {
  const written = /\s/u.test(value) ? `"${value}"` : value;
  return `${withoutFilters(query, [key])} ${key}:${written}`.trim();
}
