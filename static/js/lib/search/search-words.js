/* The words of a text, as the search index has them, and where each stands: chatapp/text/words.py. */

import { folded } from "./folded.js";

/** @typedef {{ word: string, start: number, end: number }} Word */

const COMBINED = /[\p{M}\u1160-\u11ff\uff9e\uff9f\u200d]/u;
const OF_WORD = /[\p{L}\p{M}\p{N}]/u;
const ALPHANUMERIC = /[\p{L}\p{N}]$/u;
const SPACELESS =
  /[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\u2e80-\u2fdf\u3040-\u30ff\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uf900-\ufaff\uff66-\uff9f\u{20000}-\u{3ffff}]/u;
const SIGN = /[\u00a2-\u00a6\u00a9\u00ae\u00b0\u20a0-\u20cf\u2100-\u214f\u2190-\u2bff\u3030\u303d\u{1f000}-\u{1fbff}]/u;

/** @param {string} text @returns {Word[]} */
export function wordsIn(text) {
  /** @type {Word[]} */
  const words = [];
  let isOpen = false; // whether the last word may go on
  let isBehindWord = false; // whether + and # are words here
  for (const { cluster, start, end } of clustersOf(text)) {
    for (const character of folded(cluster)) {
      /** @type {boolean} */
      const isSignOfWord = isBehindWord && "+#".includes(character);
      const isAlone = SPACELESS.test(character) || SIGN.test(character) || isSignOfWord;
      const last = words.at(-1);
      if (!isAlone && !OF_WORD.test(character)) {
        isOpen = isBehindWord = false;
        continue;
      }
      if (isOpen && !isAlone && last) Object.assign(last, { word: last.word + character, end });
      else words.push({ word: character, start, end });
      isOpen = !isAlone;
      isBehindWord = isSignOfWord || ALPHANUMERIC.test(character);
    }
  }
  return words;
}

/** Characters with what is combined with them.
    @param {string} text */
function clustersOf(text) {
  /** @type {{ cluster: string, start: number, end: number }[]} */
  const clusters = [];
  let start = 0;
  for (const character of text) {
    const last = clusters.at(-1);
    const end = start + character.length;
    if (last && COMBINED.test(character)) Object.assign(last, { cluster: last.cluster + character, end });
    else clusters.push({ cluster: character, start, end });
    start = end;
  }
  return clusters;
}
