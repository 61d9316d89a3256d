/* The formulas of a text: `$x^2$` in a line, `$$ … $$` in a paragraph or on lines of its own.

   The same rules as in chatapp/text/formulas.py, which says what they are. */

const LINES_AT_MOST = 50;

const FORMULA =
  /(?<![0-9A-Za-z$/?&#%+.])\$(?:(?![ \t$])(?:[^\\$\n]|\\[^\n])+(?<![ \t])|\$(?!\s*\$)(?:[^\\$]|\\[^]|\$(?!\$))+\$)\$(?![0-9A-Za-z$])/uy;
const OPENING = /^[ \t]*\$\$[^$]*$/u;
const CLOSING = /^(?:[^$]|\$(?!\$))*\$\$[ \t]*$/u;

/** Where the formula ends that begins at this dollar; 0 where it is only a dollar. The text ends with its
    paragraph.
    @param {string} text @param {number} start */
export function endOfFormula(text, start) {
  FORMULA.lastIndex = start;
  return FORMULA.test(text) ? FORMULA.lastIndex : 0;
}

/** How many of the following lines belong to the block that a line opens, or 0.
    @param {string} first @param {(count: number) => string | null} lineAt null: its quote or list has ended */
export function endOfBlock(first, lineAt) {
  if (!OPENING.test(first)) return 0;
  for (let count = 1; count <= LINES_AT_MOST; count += 1) {
    const line = lineAt(count);
    if (line === null || CLOSING.test(line)) return line === null ? 0 : count;
    if (line.includes("$$")) return 0;
  }
  return 0;
}
