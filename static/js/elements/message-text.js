/* The text of a message as nodes: formatted, plain with its links, or a "/me" action. Text from
   people becomes text nodes and links, or goes through lib/markdown.js; never HTML. */

import { highlight } from "../lib/highlighting.js";
import { linkParts } from "../lib/links.js";
import { formatted, isReady } from "../lib/markdown.js";
import { markMentions } from "../lib/mentions.js";
import { isEmojiAlone, isRich } from "../lib/richness.js";
import { actionOf } from "../lib/texts.js";

/** @import { Known } from "../lib/mentions.js" */

/** Fills a node with a text, for a reader. Gives whether it is all that it could be: a
    rich text is plain until the formatter is loaded.
    @param {HTMLElement} node @param {string} text @param {Known} reader */
export function showText(node, text, reader) {
  const isWhole = writeText(node, text, reader);
  if (node.classList.contains("rich")) highlight(node);
  return isWhole;
}

/** The same without colours in code.
    @param {HTMLElement} node @param {string} text @param {Known} reader */
export function writeText(node, text, reader) {
  const action = actionOf(text);
  const isFormatted = isRich(text) && !action && isReady();
  node.classList.toggle("rich", isFormatted);
  node.classList.toggle("large", isEmojiAlone(text));
  node.replaceChildren(...(action ? deedNodes(action) : isFormatted ? formatted(text) : linkedNodes(text)));
  markMentions(node, reader);
  return isFormatted || Boolean(action) || !isRich(text);
}

/** @param {{ command: string, deed: string }} action */
function deedNodes({ command, deed }) {
  const hidden = Object.assign(document.createElement("span"), { className: "command", textContent: command });
  return [hidden, ...linkedNodes(deed)];
}

/** @param {string} text */
function linkedNodes(text) {
  return linkParts(text).map(({ text, href }) => {
    if (!href) return document.createTextNode(text);
    const link = document.createElement("a");
    Object.assign(link, { href, textContent: text, target: "_blank", rel: "noopener noreferrer" });
    return link;
  });
}
