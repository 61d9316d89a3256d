/* Texts as a search compares them: without case, accents and what else people leave out. The same as
   in chatapp/text/words.py, which says why. */

import { caseFolded } from "../text/names.js";

const UNWRITTEN =
  /[\u0300-\u036f\u0591-\u05bd\u05bf\u05c1\u05c2\u05c4\u05c5\u05c7\u0610-\u061a\u0640\u064b-\u065f\u0670\u06d6-\u06dc\u06df-\u06e4\u06e7\u06e8\u06ea-\u06ed\u08d3-\u08e1\u08e3-\u08ff]|[\u20d0-\u20ff]|\p{Variation_Selector}|\u200d/gu;
const LETTERS = "łøđıħŧðŋɓɗƙƴɛɔəĸٱىیکة";
const TYPED = [..."lodihtdnbdkyeoekاييكه", "ae", "oe", "th"];
/** @type {Map<string, string>} */
const TYPED_OTHERWISE = new Map([...LETTERS, "æ", "œ", "þ"].map((letter, index) => [letter, TYPED[index]]));
const OTHERWISE = new RegExp(`[${[...TYPED_OTHERWISE.keys()].join("")}]`, "gu");

/** @param {string} text */
export function folded(text) {
  const bare = caseFolded(text.normalize("NFKD").replace(UNWRITTEN, ""));
  return bare.replace(OTHERWISE, (letter) => TYPED_OTHERWISE.get(letter) ?? letter).normalize("NFC");
}
