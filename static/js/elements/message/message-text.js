/* The text of a message as nodes: formatted, plain with its links, or a "/me" action. Text from
   people becomes text nodes and links, or goes through lib/markdown/markdown.js; never HTML. What calls the
   reader stands out; a room's name leads there; emoji of the chat's own are pictures. */

import { formatted, isReady } from "../../lib/markdown/markdown.js";
import { nameKey } from "../../lib/text/names.js";
import { isEmojiAlone, isRich } from "../../lib/markdown/richness.js";
import { pathOf, placeAt } from "../../lib/page/routes.js";
import { loadSheet } from "../../lib/page/sheets.js";
import { actionOf } from "../../lib/text/texts.js";
import { EVERYONE, tokens } from "../../lib/text/tokens.js";
import { learnAllWords, t } from "../../lib/text/words.js";
import { ownEmoji } from "../../models/own-emoji.js";
import { pictureOf } from "../page/emoji-picture.js";

/** @import { Names, Rooms } from "../../lib/text/tokens.js" */

/** Who reads, and what names there are.
    @typedef {{ me: string, names: Names, rooms: Rooms }} Known */

/** Fills a node with a text, for a reader. Gives whether it is all that it could be: a
    rich text is plain until the formatter is loaded.
    @param {HTMLElement} node @param {string} text @param {Known} reader */
export function showText(node, text, reader) {
  const isWhole = writeText(node, text, reader);
  if (node.querySelector(".math, pre > code[class^=language-]")) improve(node);
  return isWhole;
}

/** @param {HTMLElement} node */
async function improve(node) {
  try {
    const parts = await import("../../lib/markdown/rich-parts.js");
    await parts.improve(node, { learnAllWords, loadSheet, t });
  } catch {
    // No network now: formulas and diagrams are their sources, and code without colours is code.
  }
}

/** The same without colours in code, and with the sources of formulas.
    @param {HTMLElement} node @param {string} text @param {Known} reader */
export function writeText(node, text, reader) {
  const action = actionOf(text);
  const bare = ownEmoji.without(text);
  const isFormatted = isRich(bare) && !action && isReady();
  node.classList.toggle("rich", isFormatted);
  node.classList.toggle("large", isEmojiAlone(bare));
  const known = { ...reader, emoji: ownEmoji.known };
  node.replaceChildren(...(action ? deedNodes(action, known) : isFormatted ? formatted(text, known) : plainNodes(text, known)));
  for (const emoji of node.querySelectorAll("span.emoji")) emoji.replaceWith(pictureOf(emoji.textContent));
  for (const link of node.querySelectorAll("a")) makeSafe(link);
  for (const mention of node.querySelectorAll("span.mention")) markOwn(mention, reader);
  for (const room of node.querySelectorAll("span.room")) room.replaceWith(linkToRoom(room.textContent));
  return isFormatted || Boolean(action) || !isRich(bare);
}

/** @param {{ command: string, deed: string }} action @param {Known & { emoji: Rooms }} reader */
function deedNodes({ command, deed }, reader) {
  return [Object.assign(document.createElement("span"), { className: "command", textContent: command }), ...plainNodes(deed, reader)];
}

/** @param {string} text @param {Known & { emoji: Rooms }} reader */
function plainNodes(text, { names, rooms, emoji }) {
  return tokens(text, names, rooms, emoji).map(({ kind, text, value }) => {
    if (kind === "text" || kind === "code") return document.createTextNode(text);
    if (kind !== "link") return Object.assign(document.createElement("span"), { className: kind, textContent: text });
    return Object.assign(document.createElement("a"), { href: value, textContent: text });
  });
}

/** What leads elsewhere opens there; a link to a message of this chat goes to it, here.
    @param {HTMLAnchorElement} link */
function makeSafe(link) {
  if (!placeAt(link.href)) Object.assign(link, { target: "_blank", rel: "noopener noreferrer" });
}

/** @param {Element} mention @param {Known} reader */
function markOwn(mention, { me }) {
  const called = nameKey(mention.textContent.slice(1));
  mention.classList.toggle("own", [nameKey(me), ...EVERYONE].includes(called));
}

/** @param {string} text */
function linkToRoom(text) {
  const name = nameKey(text.slice(1));
  const link = Object.assign(document.createElement("a"), { className: "mention", href: pathOf(name), textContent: text });
  link.dataset.room = name;
  return link;
}
