/* Finds the links in a text. Gives parts, not HTML: whoever shows them makes nodes of them. */

const LINK = /\bhttps?:\/\/[^\s<>"“”«»]+/giu;
const ENDS_THE_SENTENCE = /[.,;:!?'’*_~]$/u;
/** @type {Record<string, string>} */
const BRACKETS = { ")": "(", "]": "[", "}": "{" };

/** The parts of a text in order: `{text}`, or `{text, href}` for a link.
    @param {string} text @returns {{ text: string, href?: string }[]} */
export function linkParts(text) {
  const parts = [];
  let end = 0;
  for (const found of text.matchAll(LINK)) {
    const link = withoutTail(found[0]);
    if (!URL.canParse(link)) continue;
    if (found.index > end) parts.push({ text: text.slice(end, found.index) });
    parts.push({ text: link, href: new URL(link).href });
    end = found.index + link.length;
  }
  if (end < text.length) parts.push({ text: text.slice(end) });
  return parts;
}

/** "(see https://example.org/a_(b))." is a link to …/a_(b): a bracket belongs to the link if it
   was opened in it.
    @param {string} link */
function withoutTail(link) {
  for (;;) {
    const last = link.at(-1) ?? "";
    const opening = BRACKETS[last];
    if (ENDS_THE_SENTENCE.test(link) || (opening && count(link, last) > count(link, opening))) {
      link = link.slice(0, -1);
    } else {
      return link;
    }
  }
}

/** @param {string} text @param {string} character */
function count(text, character) {
  return text.split(character).length - 1;
}
