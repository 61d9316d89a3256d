/* What a search has found in a text. Gives parts, not HTML: whoever shows them makes nodes.

   The terms are taken out of the query as the server does it, chatapp/text/query.py, and found by the
   words of its index. */

/** @typedef {{ text: string, isFound: boolean }} Part */
/** Words that follow each other; with `prefix`, the last one may go on.
    @typedef {{ words: string[], prefix: boolean }} Term */

import { isOperator, partsOf } from "./query.js";
import { wordsIn } from "./search-words.js";

const SHORTEST_PREFIX = 2;
const BEFORE_THE_FIND = 60;

/** The terms that a query seeks.
    @param {string} query @returns {Term[]} */
export function soughtTerms(query) {
  const terms = partsOf(query).map((part) => termOf(part, query.length));
  return terms.filter(({ words }) => words.length > 0);
}

/** @param {import("./query.js").Part} part @param {number} length @returns {Term} */
function termOf({ key, value, isPhrase, isExcluded, end }, length) {
  const sought = isOperator(key, value) || isExcluded ? "" : value;
  const isUnfinished = !isPhrase && end === length;
  return { words: wordsIn(sought).map(({ word }) => word), prefix: isUnfinished || sought.endsWith("*") };
}

/** The parts of a text in order, `{text, isFound}`; begins near the first find.
    @param {string} text @param {string} query */
export function foundParts(text, query) {
  /** @type {Part[]} */
  const parts = [];
  let done = 0;
  for (const { start, end } of foundIn(text, soughtTerms(query))) {
    if (end <= done) continue;
    if (start > done) parts.push({ text: text.slice(done, start), isFound: false });
    parts.push({ text: text.slice(Math.max(start, done), end), isFound: true });
    done = end;
  }
  if (done < text.length) parts.push({ text: text.slice(done), isFound: false });
  return nearTheFirst(parts);
}

/** Where the terms stand, in order.
    @param {string} text @param {Term[]} terms */
function foundIn(text, terms) {
  const said = wordsIn(text);
  return said.flatMap(({ start }, index) => {
    const ends = terms.filter((term) => stands(term, said, index)).map(({ words }) => said[index + words.length - 1].end);
    return ends.length > 0 ? [{ start, end: Math.max(...ends) }] : [];
  });
}

/** @param {Term} term @param {import("./search-words.js").Word[]} said @param {number} at */
function stands({ words, prefix }, said, at) {
  return words.every((word, index) => {
    const other = said[at + index]?.word;
    const mayGoOn = prefix && index === words.length - 1 && word.length >= SHORTEST_PREFIX;
    return other === word || Boolean(mayGoOn && other?.startsWith(word));
  });
}

/** @param {Part[]} parts */
function nearTheFirst(parts) {
  const [first] = parts;
  if (parts.length < 2 || first.isFound || first.text.length <= BEFORE_THE_FIND) return parts;
  const characters = Array.from(first.text).slice(-BEFORE_THE_FIND).join("");
  return [{ text: `…${characters.replace(/^\S*\s/u, "")}`, isFound: false }, ...parts.slice(1)];
}
