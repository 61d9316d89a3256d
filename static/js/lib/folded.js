/* Texts as a search compares them: without case and without accents. */

const MARKS = /\p{M}+/gu;

/** @param {string} text */
export function folded(text) {
  return text.normalize("NFKD").replace(MARKS, "").toLowerCase();
}
