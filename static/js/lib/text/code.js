/* What a text hides from the eye that looks for mentions: code, formulas, and links with a label.

   Markdown's rules, in one walk and without making a tree, as in chatapp/text/code.py. */

import { endOfBlock, endOfFormula } from "./formulas.js";

/** @typedef {{ start: number, end: number, kind: "code" | "link", value: string }} Hidden */
/** @typedef {{ start: number, mark: string, isQuoted: boolean, column: number }} Fence */

/** Without any of these, a text hides nothing; most do not. */
export const MAY_HIDE = /[`\t$]|~~~|\]\(|(?:^|\n)[ >*+-]*(?:[0-9]+[.)])? {4}/u;

const CONTAINERS = /^(?: {0,3}(?:>|(?:[-+*]|[0-9]{1,9}[.)])(?= |\t|$)))*/u;
const CODE_COLUMNS = 4;
const ITEM = /[-+*.)]/u;
const FENCE = /^[ \t]*(?:(`{3,})[^`]*|(~{3,})[^\n]*)$/u;
const BLANK = /^[ \t]*$/u;
const INLINE = /\\[^]|`+|[$[\]]/gu;
const BACKTICKS = /`+/gu;
const DESTINATION =
  /\([ \t\n]*(?:<([^<>\n]*)>|([^\s()<>]*(?:\([^\s()<>]*\)[^\s()<>]*)*))(?:[ \t\n]+(?:"[^"]*"|'[^']*'))?[ \t\n]*\)/uy;
const SAFE_LINK = /^(?:https?|mailto):/iu;

/** Code and labelled links, in order; they do not overlap.
    @param {string} text */
export function hiddenSpans(text) {
  return new Lines(text).walk();
}

/** Goes through the lines of a text and tells code from paragraphs. */
class Lines {
  /** @type {Hidden[]} */
  #hidden = [];
  /** @type {Fence | null} */
  #fence = null;
  /** @type {{ start: number, end: number } | null} */
  #paragraph = null;
  #isQuoted = false;
  #isAfterBlank = true;
  #listColumn = 0;
  #formulaEnds = 0;

  /** @param {string} text */
  constructor(text) {
    this.text = text;
    this.lines = text.split("\n");
  }

  walk() {
    let start = 0;
    for (const [index, line] of this.lines.entries()) {
      const prefix = containersOf(line);
      if (index >= this.#formulaEnds && !this.#isInFence(line, prefix, start)) this.#take(line, prefix, start, index);
      start += line.length + 1;
    }
    if (this.#fence) this.#hide(this.#fence.start, this.text.length);
    this.#endParagraph();
    return this.#hidden;
  }

  /** Whether this line is still in a fence, the line that ends it included.
      @param {string} line @param {string} prefix @param {number} start */
  #isInFence(line, prefix, start) {
    const fence = this.#fence;
    if (!fence) return false;
    if (fence.isQuoted ? !prefix.includes(">") : hasLeft(line, fence.column)) {
      this.#endFence(fence, start);
      return false;
    }
    const closing = fence.isQuoted ? line.replace(/^[ \t>]+|[ \t>]+$/gu, "") : line.replace(/^[ \t]+|[ \t]+$/gu, "");
    if (closing.length >= fence.mark.length && [...closing].every((sign) => sign === fence.mark[0])) {
      this.#endFence(fence, start + line.length);
    }
    return true;
  }

  /** @param {Fence} fence @param {number} end */
  #endFence(fence, end) {
    this.#hide(fence.start, end);
    this.#fence = null;
    this.#isAfterBlank = false;
  }

  /** @param {string} line @param {string} prefix @param {number} start @param {number} index */
  #take(line, prefix, start, index) {
    const rest = line.slice(prefix.length);
    const isQuoted = prefix.includes(">");
    const isItem = ITEM.test(prefix);
    const isBlank = BLANK.test(rest);
    const indent = indentOf(rest);
    const column = indent >= this.#listColumn ? this.#listColumn : 0;
    const isDeep = indent - (prefix ? 1 : column) >= CODE_COLUMNS;
    const [, ticks, tildes] = (!isDeep && FENCE.exec(rest)) || [];
    const fence = ticks ?? tildes;
    const formula = isDeep ? 0 : this.#formula(rest, index, isItem ? prefix.length + 1 : column, isQuoted);
    if (isBlank || isItem || fence || formula || (isQuoted && !this.#isQuoted)) this.#endParagraph();
    const leaves = fence || formula || isQuoted || (this.#isAfterBlank && !isBlank);
    if (isItem) this.#listColumn = prefix.length + 1;
    else if (leaves && indent < this.#listColumn) this.#listColumn = 0;
    this.#isQuoted = isQuoted || (this.#paragraph !== null && this.#isQuoted);
    this.#isAfterBlank = isBlank;
    const begin = start + prefix.length;
    const end = start + line.length;
    if (fence) this.#fence = { start: begin, mark: fence, isQuoted, column: this.#listColumn };
    else if (formula) {
      this.#formulaEnds = index + 1 + formula;
      this.#isAfterBlank = false;
      this.#hide(begin, end + this.lines.slice(index + 1, this.#formulaEnds).reduce((sum, { length }) => sum + length + 1, 0));
    } else if (this.#paragraph) this.#paragraph.end = end;
    else if (isDeep && !isBlank) this.#hide(begin, end);
    else if (!isBlank) this.#paragraph = { start: begin, end };
  }

  /** How many more lines belong to the formula that begins here.
      @param {string} rest @param {number} index @param {number} column @param {boolean} isQuoted */
  #formula(rest, index, column, isQuoted) {
    return endOfBlock(rest, (count) => {
      const line = this.lines[index + count];
      return line === undefined || (isQuoted ? !containersOf(line).includes(">") : hasLeft(line, column)) ? null : line;
    });
  }

  #endParagraph() {
    if (!this.#paragraph) return;
    this.#hidden.push(...inParagraph(this.text, this.#paragraph.start, this.#paragraph.end));
    this.#paragraph = null;
  }

  /** @param {number} start @param {number} end */
  #hide(start, end) {
    this.#hidden.push({ start, end, kind: "code", value: "" });
  }
}

/** Pairs of backticks, and labels with a place to go, of which those within count no more.
    @param {string} text @param {number} start @param {number} end */
function inParagraph(text, start, end) {
  const part = text.slice(0, end);
  const runs = backticksIn(part, start);
  /** @type {Hidden[]} */
  const hidden = [];
  /** @type {number[]} */
  let opened = [];
  const signs = new RegExp(INLINE);
  signs.lastIndex = start;
  for (let sign = signs.exec(part); sign; sign = signs.exec(part)) {
    const [mark] = sign;
    if (mark[0] === "`") {
      const close = endOfCode(runs, signs.lastIndex, mark.length);
      if (close === null) continue;
      hidden.push({ start: sign.index, end: close, kind: "code", value: "" });
      signs.lastIndex = close;
    } else if (mark === "$") {
      const close = endOfFormula(part, sign.index);
      if (!close) continue;
      hidden.push({ start: sign.index, end: close, kind: "code", value: "" });
      signs.lastIndex = close;
    } else if (mark === "[") opened.push(sign.index);
    else if (mark === "]" && opened.length > 0) {
      let label = /** @type {number} */ (opened.pop());
      DESTINATION.lastIndex = signs.lastIndex;
      const goal = DESTINATION.exec(part);
      const value = goal?.[1] ?? goal?.[2] ?? "";
      if (!goal || !SAFE_LINK.test(value)) continue;
      if (label > start && text[label - 1] === "!") label -= 1;
      while ((hidden.at(-1)?.start ?? -1) > label) hidden.pop();
      signs.lastIndex += goal[0].length;
      hidden.push({ start: label, end: signs.lastIndex, kind: "link", value });
      opened = [];
    }
  }
  return hidden;
}

/** Where runs of backticks begin, by their length, the first of them last.
    @param {string} part @param {number} start */
function backticksIn(part, start) {
  /** @type {Map<number, number[]>} */
  const runs = new Map();
  const pattern = new RegExp(BACKTICKS);
  pattern.lastIndex = start;
  for (let run = pattern.exec(part); run; run = pattern.exec(part)) {
    const known = runs.get(run[0].length);
    if (known) known.push(run.index);
    else runs.set(run[0].length, [run.index]);
  }
  for (const known of runs.values()) known.reverse();
  return runs;
}

/** Where the next run of that length ends; asked from left to right.
    @param {Map<number, number[]>} runs @param {number} at @param {number} length */
function endOfCode(runs, at, length) {
  const known = runs.get(length) ?? [];
  while (known.length > 0 && known[known.length - 1] < at) known.pop();
  const next = known.at(-1);
  return next === undefined ? null : next + length;
}

/** The marks of quotes and lists that a line begins with.
    @param {string} line */
function containersOf(line) {
  return CONTAINERS.exec(line)?.[0] ?? "";
}

/** Whether a line is outside of the list item whose text begins at this column.
    @param {string} line @param {number} column */
function hasLeft(line, column) {
  return !BLANK.test(line) && indentOf(line) < column;
}

/** In columns: a tab ends at the next multiple of four.
    @param {string} line */
function indentOf(line) {
  let column = 0;
  for (const character of line) {
    if (character === " ") column += 1;
    else if (character === "\t") column += 4 - (column % 4);
    else break;
  }
  return column;
}
