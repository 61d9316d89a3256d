/* Markdown to nodes: bold, italic, struck, lists, quotes, links, tables and code. Never HTML: what
   looks like it stays text. What the parser makes goes through DOMPurify, which knows the few
   elements that there may be.

   Both are loaded when a text first needs them, with the rules of markdown-rules.js. */

import { characterAt, characterBefore, inlineSpans, isSpaceless } from "./tokens.js";

/** @import { Known } from "./markdown-rules.js" */

const MARKDOWN_IT = "../../vendor/markdown-it/markdown-it.umd.min.js";
const RULES = "../lib/markdown-rules.js";
const DOMPURIFY = "../../vendor/dompurify/purify.min.js";

const ALLOWED = {
  ALLOWED_TAGS: [
    ...["p", "strong", "em", "s", "a", "span", "code", "pre", "blockquote", "ul", "ol", "li"],
    ...["table", "thead", "tbody", "tr", "th", "td"],
  ],
  ALLOWED_ATTR: ["href", "start", "class"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/iu,
  ADD_URI_SAFE_ATTR: ["start", "class"], // that expression is held against every other attribute
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
};
const CLASS = /^(?:language-[\w+#-]+|align-(?:left|center|right)|mention|room)$/u;

/** @type {((text: string, known: Known) => DocumentFragment) | null} */
let format = null;
/** @type {Promise<void> | null} */
let loading = null;

export function isReady() {
  return format !== null;
}

/** Loads what it takes; rejects where the network is away, and may then be asked again. */
export function loadFormatter() {
  loading ??= Promise.all([import(RULES), import(MARKDOWN_IT), import(DOMPURIFY)])
    .then(([{ talkParser }]) => {
      const parser = talkParser(globalThis.markdownit, { characterAt, characterBefore, inlineSpans, isSpaceless });
      format = (text, known) => globalThis.DOMPurify.sanitize(parser.render(text, { ...known }), ALLOWED);
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
  const fragment = format(text, known);
  for (const node of fragment.querySelectorAll("[class]")) {
    if (!CLASS.test(node.className)) node.removeAttribute("class");
  }
  for (const table of fragment.querySelectorAll("table")) makeScrollable(table);
  return [...fragment.childNodes];
}

/** @param {Element} table */
function makeScrollable(table) {
  const frame = document.createElement("div");
  frame.className = "table-frame";
  frame.tabIndex = 0;
  table.replaceWith(frame);
  frame.append(table);
}
