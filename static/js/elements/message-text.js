/* The text of a message as nodes: formatted, plain with its links, or a "/me" action. Text from
   people becomes text nodes and links, or goes through lib/markdown.js; never HTML. What calls the
   reader stands out; a room's name leads there. */

import { formatted, isReady } from "../lib/markdown.js";
import { nameKey } from "../lib/names.js";
import { isEmojiAlone, isRich } from "../lib/richness.js";
import { pathOf, placeAt } from "../lib/routes.js";
import { actionOf } from "../lib/texts.js";
import { EVERYONE, tokens } from "../lib/tokens.js";
import { t } from "../lib/words.js";

/** @import { Names, Rooms } from "../lib/tokens.js" */

/** Who reads, and what names there are.
    @typedef {{ me: string, names: Names, rooms: Rooms }} Known */

/** Fills a node with a text, for a reader. Gives whether it is all that it could be: a
    rich text is plain until the formatter is loaded.
    @param {HTMLElement} node @param {string} text @param {Known} reader */
export function showText(node, text, reader) {
  const isWhole = writeText(node, text, reader);
  if (node.querySelector("pre > code[class^=language-]")) colourCode(node);
  return isWhole;
}

/** @param {HTMLElement} node */
async function colourCode(node) {
  try {
    const { highlight } = await import("../lib/highlighting.js");
    await highlight(node);
  } catch {
    // No network now: code without colours is code.
  }
}

/** The same without colours in code.
    @param {HTMLElement} node @param {string} text @param {Known} reader */
export function writeText(node, text, reader) {
  const action = actionOf(text);
  const isFormatted = isRich(text) && !action && isReady();
  node.classList.toggle("rich", isFormatted);
  node.classList.toggle("large", isEmojiAlone(text));
  node.replaceChildren(...(action ? deedNodes(action, reader) : isFormatted ? formatted(text, reader) : plainNodes(text, reader)));
  for (const link of node.querySelectorAll("a")) makeSafe(link);
  for (const mention of node.querySelectorAll("span.mention")) markOwn(mention, reader);
  for (const room of node.querySelectorAll("span.room")) room.replaceWith(linkToRoom(room.textContent));
  for (const code of node.querySelectorAll("pre")) frame(code);
  return isFormatted || Boolean(action) || !isRich(text);
}

/** @param {{ command: string, deed: string }} action @param {Known} reader */
function deedNodes({ command, deed }, reader) {
  return [Object.assign(document.createElement("span"), { className: "command", textContent: command }), ...plainNodes(deed, reader)];
}

/** @param {string} text @param {Known} reader */
function plainNodes(text, { names, rooms }) {
  return tokens(text, names, rooms).map(({ kind, text, value }) => {
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

/** A block of code says its language, and has a button to copy it.
    @param {HTMLElement} code */
function frame(code) {
  const block = Object.assign(document.createElement("div"), { className: "code" });
  const language = /^language-(.+)$/u.exec(code.firstElementChild?.className ?? "")?.[1] ?? "";
  const name = Object.assign(document.createElement("span"), { className: "code-language", textContent: language });
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button small code-copy" });
  button.dataset.do = "copy-code";
  button.textContent = t("message.copy-code");
  code.tabIndex = 0;
  code.replaceWith(block);
  block.append(code, name, button);
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
