/* Where one writes in a thread: the room's composer once more, with all that helps to write there. */

import { part } from "../../lib/page/parts.js";
import { MessageComposer } from "../composer/message-composer.js";

/** @import { Chat } from "../../models/chat.js" */

const PARTS = "composer-note, message-completion, format-bar";
const NAMES = ["id", "aria-controls", "aria-describedby"];
let count = 0;

/** A new one at the end of `place`.
    @param {Chat} chat @param {HTMLElement} place */
export function composerFor(chat, place) {
  const composer = /** @type {MessageComposer} */ (part(document, ".write message-composer", MessageComposer).cloneNode(true));
  count += 1;
  for (const name of NAMES) {
    for (const node of composer.querySelectorAll(`[${name}]`)) node.setAttribute(name, `${node.getAttribute(name)}-${count}`);
  }
  composer.field.removeAttribute("autofocus");
  composer.field.removeAttribute("aria-activedescendant");
  composer.field.value = "";
  composer.querySelector("composer-files")?.replaceChildren();
  place.append(composer);
  /** @type {NodeListOf<HTMLElement & { attend(chat: Chat): void }>} */
  const parts = composer.querySelectorAll(PARTS);
  composer.attend(chat);
  for (const each of parts) each.attend(chat);
  return composer;
}
