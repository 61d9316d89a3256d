/** Colours the code in a message, if it says what language it is in. Loaded when there is such code;
   a moment later than the text, because colours move nothing. Whoever asks has loaded
   lib/markdown/markdown.js before, and DOMPurify with it.

   @typedef {{
     getLanguage(name: string): object | undefined,
     highlight(code: string, options: { language: string, ignoreIllegals: boolean }): { value: string },
   }} Highlighter */

const HIGHLIGHT = "../../../vendor/@highlightjs/cdn-assets/highlight.min.js";
const LONGEST_CHARACTERS = 8_000;

const ALLOWED = { ALLOWED_TAGS: ["span"], ALLOWED_ATTR: ["class"], RETURN_DOM_FRAGMENT: true };

/** @type {Promise<{ default: Highlighter }> | null} */
let highlighter = null;

/** @param {Element} node */
export async function highlight(node) {
  const blocks = [...node.querySelectorAll("pre > code[class^=language-]")];
  if (blocks.length === 0) return;
  try {
    highlighter ??= import(HIGHLIGHT);
    const { default: hljs } = await highlighter;
    for (const block of blocks) colour(hljs, block);
  } catch {
    highlighter = null; // No network now: code without colours is code.
  }
}

/** @param {Highlighter} hljs @param {Element} block */
function colour(hljs, block) {
  const language = block.className.replace("language-", "");
  if (!hljs.getLanguage(language) || block.textContent.length > LONGEST_CHARACTERS) return;
  const { value } = hljs.highlight(block.textContent, { language, ignoreIllegals: true });
  block.replaceChildren(globalThis.DOMPurify.sanitize(value, ALLOWED));
}
