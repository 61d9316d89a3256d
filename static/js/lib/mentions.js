/* Marks whom a text calls, @ana, @Ada Lovelace, @room, and what rooms it names, #kitchen. What calls
   the reader stands out more; a room's name leads there. */

import { pathOf } from "./routes.js";

/** Who reads, and what names there are.
    @typedef {{ me: string, names: Iterable<string>, rooms: { has(name: string): boolean } }} Known */

const EVERYONE = ["room", "all"];
const WORD = "[\\p{L}\\p{N}_][\\p{L}\\p{N}_-]*";
const PLAIN_NAME = new RegExp(`^${WORD}$`, "u");

/** Wraps the mentions in the text nodes under a node, but not in code or in links.
    @param {Element} node @param {Known} known */
export function markMentions(node, { me, names, rooms }) {
  if (!/[@#]/.test(node.textContent ?? "")) return;
  const pattern = patternFor([me, ...names]);
  const own = new Set([me, ...EVERYONE].map(plain));
  const walker = document.createTreeWalker(node, NodeFilter.SHOW_TEXT);
  /** @type {Text[]} */
  const texts = [];
  while (walker.nextNode()) {
    const text = /** @type {Text} */ (walker.currentNode);
    if (!text.parentElement?.closest("a, code")) texts.push(text);
  }
  for (const text of texts) replace(text, pattern, own, rooms);
}

/** @param {Text} text @param {RegExp} pattern @param {Set<string>} own @param {Known["rooms"]} rooms */
function replace(text, pattern, own, rooms) {
  const parts = text.data.split(pattern);
  if (parts.length === 1) return;
  text.replaceWith(...parts.map((part, index) => (index % 2 ? mention(part, own, rooms) : part)));
}

/** @param {string} text @param {Set<string>} own @param {Known["rooms"]} rooms */
function mention(text, own, rooms) {
  if (text.startsWith("#")) return rooms.has(text.slice(1)) ? linkToRoom(text) : text;
  const mark = document.createElement("span");
  mark.className = own.has(plain(text.slice(1))) ? "mention own" : "mention";
  mark.textContent = text;
  return mark;
}

/** @param {string} text */
function linkToRoom(text) {
  const name = text.slice(1);
  const link = Object.assign(document.createElement("a"), { className: "mention", href: pathOf(name), textContent: text });
  link.dataset.room = name;
  return link;
}

/** Names of several words are one mention, the longest that fits; any other word after an @ is one.
    @param {string[]} names */
function patternFor(names) {
  const known = [...new Set(names)]
    .filter((name) => !PLAIN_NAME.test(name))
    .sort((a, b) => b.length - a.length)
    .map((name) => name.replace(/[\\^$.*+?()[\]{}|/-]/g, "\\$&"));
  const people = [...known.map((name) => `${name}(?![\\p{L}\\p{N}_])`), WORD].join("|");
  return new RegExp(`((?<![\\p{L}\\p{N}_])@(?:${people})|(?<![\\p{L}\\p{N}_#&/])#${WORD})`, "iu");
}

/** A name as it is compared.
    @param {string} name */
export function plain(name) {
  return name.normalize("NFKC").toLowerCase();
}
