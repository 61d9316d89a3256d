/* Markdown to nodes: bold, italic, struck, lists, quotes, links, tables, code and formulas. Never HTML: what
   looks like it stays text. What the parser makes goes through DOMPurify, which knows the few
   elements that there may be.

   Both are loaded when a text first needs them, with the rules of markdown-rules.js and the frames of
   code-blocks.js. */

import { endOfBlock, endOfFormula } from "../text/formulas.js";
import { sheet } from "../page/sheets.js";
import { characterAt, characterBefore, inlineSpans, isSpaceless } from "../text/tokens.js";
import { t } from "../text/words.js";

/** @import { Known } from "./markdown-rules.js" */

const MARKDOWN_IT = "../../../vendor/markdown-it/markdown-it.umd.min.js";
const DOMPURIFY = "../../../vendor/dompurify/purify.min.js";

/** @type {((text: string, known: Known) => ChildNode[]) | null} */
let format = null;
/** @type {Promise<void> | null} */
let loading = null;

export function isReady() {
  return format !== null;
}

/** Loads what it takes; rejects where the network is away, and may then be asked again. */
export function loadFormatter() {
  loading ??= Promise.all([import("./markdown-rules.js"), import("./code-blocks.js"), import(MARKDOWN_IT), import(DOMPURIFY), sheet("markdown-sheet")])
    .then(([{ formatter }, { frame }]) => {
      format = formatter({ characterAt, characterBefore, endOfBlock, endOfFormula, inlineSpans, isSpaceless }, (/** @type {HTMLElement} */ code) => frame(code, t));
    })
    .catch((error) => {
      loading = null;
      throw error;
    });
  return loading;
}

/** The nodes of a text, once it is ready. Mentions and rooms are spans of these classes.
    @param {string} text @param {Known} [known] */
export function formatted(text, known = {}) {
  if (!format) throw new Error("Nothing can be formatted yet.");
  return format(text, known);
}
