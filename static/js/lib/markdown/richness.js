/* Whether a text is more than plain: only then is the formatter loaded. chatapp/features/pages/richness.py
   says the same of the first page, and tests/page holds the two together. */

const MARKS = /[*_~`|[\]\\]|\$\$|\$\S[^$\n]*\$|^ {0,3}(?:>|[-+] |[0-9]{1,9}[.)] )|^(?: {4}|\t)/mu;
const EMOJI_AT_MOST = 8;
const EMOJI = /^(?:\p{RGI_Emoji}\s*)+$/v;
const MAY_BE_EMOJI = /^[^\p{L}\p{N}!-~]{1,64}$/u;

/** Whether there may be Markdown in it.
    @param {string} text */
export function isRich(text) {
  return MARKS.test(text);
}

/** Whether it is a few emoji and nothing else, which are shown large.
    @param {string} text */
export function isEmojiAlone(text) {
  if (!MAY_BE_EMOJI.test(text) || !EMOJI.test(text.trim())) return false;
  return [...new Intl.Segmenter().segment(text.replace(/\s/gu, ""))].length <= EMOJI_AT_MOST;
}
