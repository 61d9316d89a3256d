/* Marks whom a text calls: @ana, @room. Those that call the reader stand out more. */

const EVERYONE = ["room", "all"];

/** Wraps the mentions in the text nodes under a node, but not in code or in links. */
export function markMentions(node, me) {
  if (!node.textContent.includes("@")) return;
  const pattern = patternFor(me);
  const own = new Set([me, ...EVERYONE].map(plain));
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  const texts = [];
  while (walker.nextNode()) {
    if (!walker.currentNode.parentElement.closest("a, code")) texts.push(walker.currentNode);
  }
  for (const text of texts) replace(text, pattern, own);
}

function replace(text, pattern, own) {
  const parts = text.data.split(pattern);
  if (parts.length === 1) return;
  text.replaceWith(...parts.map((part, index) => (index % 2 ? mention(part, own) : part)));
}

function mention(text, own) {
  const mark = document.createElement("span");
  mark.className = own.has(plain(text.slice(1))) ? "mention own" : "mention";
  mark.textContent = text;
  return mark;
}

function patternFor(me) {
  const name = me.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&");
  return new RegExp(`((?<![\\p{L}\\p{N}_])@(?:${name}(?![\\p{L}\\p{N}_])|[\\p{L}\\p{N}_][\\p{L}\\p{N}_-]*))`, "iu");
}

function plain(name) {
  return name.normalize("NFKC").toLowerCase();
}
