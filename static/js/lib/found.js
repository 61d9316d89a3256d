/* What a search has found in a text. Gives parts, not HTML: whoever shows them makes nodes.

   The words are taken out of the query as the server does, chatapp/storage/query.py: operators
   are no words, and a word may be the beginning of a longer one. */

/** @typedef {{ text: string, isFound: boolean }} Part */

import { folded } from "./folded.js";

const PART = /(?:(from|in|before|after|has):)?(?:"([^"]*)"?|([^\s"]+))/giu;
const WORD = /[\p{L}\p{N}\p{M}_]+/gu;
const BEFORE_THE_FIND = 60;

/** The words that a query seeks.
    @param {string} query */
export function soughtWords(query) {
  const texts = [...query.matchAll(PART)].filter(([, key]) => !key).map(([, , phrase, word]) => phrase ?? word);
  return texts.flatMap((text) => folded(text).match(WORD) ?? []);
}

/** The parts of a text in order, `{text, isFound}`; begins near the first find.
    @param {string} text @param {string} query */
export function foundParts(text, query) {
  const words = soughtWords(query);
  /** @type {Part[]} */
  const parts = [];
  let end = 0;
  for (const { 0: word, index } of text.matchAll(WORD)) {
    if (!words.some((sought) => folded(word).startsWith(sought))) continue;
    if (index > end) parts.push({ text: text.slice(end, index), isFound: false });
    parts.push({ text: word, isFound: true });
    end = index + word.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end), isFound: false });
  return nearTheFirst(parts);
}

/** @param {Part[]} parts */
function nearTheFirst(parts) {
  const [first] = parts;
  if (parts.length < 2 || first.isFound || first.text.length <= BEFORE_THE_FIND) return parts;
  const characters = Array.from(first.text).slice(-BEFORE_THE_FIND).join("");
  return [{ text: `…${characters.replace(/^\S*\s/u, "")}`, isFound: false }, ...parts.slice(1)];
}
