/* Marks whom a text calls: @ana, @room. Those that call the reader stand out more. */

const EVERYONE = ["room", "all"];

/** Wraps the mentions in the text nodes under a node, but not in code or in links.
    @param {Element} node @param {string} me */
export function markMentions(node, me) {
  if (!node.textContent?.includes("@")) return;
  const pattern = patternFor(me);
  const own = new Set([me, ...EVERYONE].map(plain));
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  /** @type {Text[]} */
  const texts = [];
  while (walker.nextNode()) {
    const text = /** @type {Text} */ (walker.currentNode);
    if (!text.parentElement?.closest("a, code")) texts.push(text);
  }
  for (const text of texts) replace(text, pattern, own);
}

/** @param {Text} text @param {RegExp} pattern @param {Set<string>} own */
function replace(text, pattern, own) {
  const parts = text.data.split(pattern);
  if (parts.length === 1) return;
  text.replaceWith(...parts.map((part, index) => (index % 2 ? mention(part, own) : part)));
}

/** @param {string} text @param {Set<string>} own */
function mention(text, own) {
  const mark = document.createElement("span");
  mark.className = own.has(plain(text.slice(1))) ? "mention own" : "mention";
  mark.textContent = text;
  return mark;
}

/** @param {string} me */
function patternFor(me) {
  const name = me.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  return new RegExp(`((?<![\\p{L}\\p{N}_])@(?:${name}(?![\\p{L}\\p{N}_])|[\\p{L}\\p{N}_][\\p{L}\\p{N}_-]*))`, "iu");
}

/** @param {string} name */
function plain(name) {
  return name.normalize("NFKC").toLowerCase();
}
