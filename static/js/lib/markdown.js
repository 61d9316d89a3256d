/* Markdown to nodes: bold, italic, struck, lists, quotes, links, tables and code. Never HTML: what
   looks like it stays text. What the parser makes goes through DOMPurify, which knows the few
   elements that there may be.

   Both are loaded when a text first needs them. Lines stay lines, and their indent stays, as in
   what people paste; there are no headings, images or references: this is talk. */

const MARKDOWN_IT = "../../vendor/markdown-it/markdown-it.umd.min.js";
const DOMPURIFY = "../../vendor/dompurify/purify.min.js";

const NOT_IN_TALK = ["heading", "lheading", "hr", "reference", "html_block", "html_inline", "entity", "image"];
const ALLOWED = {
  ALLOWED_TAGS: [
    ...["p", "strong", "em", "s", "a", "code", "pre", "blockquote", "ul", "ol", "li"],
    ...["table", "thead", "tbody", "tr", "th", "td"],
  ],
  ALLOWED_ATTR: ["href", "start", "class"],
  ALLOWED_URI_REGEXP: /^(?:https?|mailto):/iu,
  ALLOW_DATA_ATTR: false,
  ALLOW_ARIA_ATTR: false,
  RETURN_DOM_FRAGMENT: /** @type {const} */ (true),
};
const LANGUAGE = /^language-[\w+#-]+$/u;

/** @type {((text: string) => DocumentFragment) | null} */
let format = null;
/** @type {Promise<void> | null} */
let loading = null;

export function isReady() {
  return format !== null;
}

/** Loads what it takes; rejects where the network is away, and may then be asked again. */
export function load() {
  loading ??= Promise.all([import(MARKDOWN_IT), import(DOMPURIFY)])
    .then(() => {
      const parser = talkParser(globalThis.markdownit);
      format = (text) => globalThis.DOMPurify.sanitize(parser.render(text), ALLOWED);
    })
    .catch((error) => {
      loading = null;
      throw error;
    });
  return loading;
}

/** The nodes of a text, once it is ready.
    @param {string} text */
export function formatted(text) {
  if (!format) throw new Error("Nothing can be formatted yet.");
  const fragment = format(text);
  for (const link of fragment.querySelectorAll("a")) makeSafe(link);
  for (const node of fragment.querySelectorAll("[class]")) {
    if (!LANGUAGE.test(node.className)) node.removeAttribute("class");
  }
  for (const table of fragment.querySelectorAll("table")) makeScrollable(table);
  return [...fragment.childNodes];
}

/** The parser of talk, from markdown-it's factory.
    @param {typeof import("markdown-it").default} markdownIt */
export function talkParser(markdownIt) {
  const parser = markdownIt({ html: false, linkify: true });
  parser.disable(NOT_IN_TALK);
  parser.linkify.set({ fuzzyLink: false, fuzzyEmail: false, fuzzyIP: false });
  parser.validateLink = (url) => ALLOWED.ALLOWED_URI_REGEXP.test(url);
  parser.inline.ruler.at("newline", keepLines);
  const renderToken = parser.renderer.renderToken.bind(parser.renderer);
  parser.renderer.renderToken = (...token) => renderToken(...token).replaceAll("\n", "");
  return parser;
}

/** A line break in a paragraph stays one, with the indent behind it: styled as pre-wrap.
    @param {import("markdown-it").StateInline} state @param {boolean} silent */
function keepLines(state, silent) {
  if (state.src[state.pos] !== "\n") return false;
  const index = state.src.slice(state.pos + 1).search(/[^ \t]|$/u);
  if (!silent) state.pending += `\n${state.src.slice(state.pos + 1, state.pos + 1 + index)}`;
  state.pos += 1 + index;
  return true;
}

/** @param {Element} link */
function makeSafe(link) {
  Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
}

/** @param {Element} table */
function makeScrollable(table) {
  const frame = document.createElement("div");
  frame.className = "table-frame";
  frame.tabIndex = 0;
  table.replaceWith(frame);
  frame.append(table);
}
