/* The text of a message as nodes: plain with its links, or a "/me" action. Text from people
   becomes text nodes and links, never HTML. */

import { linkParts } from "../lib/links.js";
import { actionOf } from "../lib/texts.js";

export function textNodes(text) {
  const action = actionOf(text);
  if (!action) return linkedNodes(text);
  const command = document.createElement("span");
  command.className = "command";
  command.textContent = action.command;
  return [command, ...linkedNodes(action.deed)];
}

function linkedNodes(text) {
  return linkParts(text).map(({ text, href }) => {
    if (!href) return document.createTextNode(text);
    const link = document.createElement("a");
    Object.assign(link, { href, textContent: text, target: "_blank", rel: "noopener noreferrer" });
    return link;
  });
}
