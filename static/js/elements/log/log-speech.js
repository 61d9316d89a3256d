/* What log-announcer.js says of a message: its sender, and the text as one would read it out. */

import { filesInShort } from "../../lib/page/files-part.js";
import { loadFormatter } from "../../lib/markdown/markdown.js";
import { nameKey } from "../../lib/text/names.js";
import { isRich } from "../../lib/markdown/richness.js";
import { sentenceOf } from "../../lib/messages/system-lines.js";
import { actionOf, inShort, withoutMarks } from "../../lib/text/texts.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { writeText } from "../message/message-text.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Message } from "../../types.js" */

/** @typedef {{ message: Message, chat: Chat, said: (text: string) => void }} Heard */

let before = Promise.resolve(); // so that a message that waits for the formatter stays before the next

document.addEventListener("hear-said", (event) => {
  const { message, chat, said } = /** @type {CustomEvent<Heard>} */ (event).detail;
  const next = before.then(async () => said(await lineOf(message, chat)));
  before = next.catch(reportError); // one that cannot be said does not silence the others
});

/** @param {Message} message @param {Chat} chat */
async function lineOf(message, chat) {
  const { sender: name, text } = message;
  if (message.system) return sentenceOf(message, chat.people);
  const sender = chat.people.shown(name);
  const words = [await wordsOf(text, chat), filesInShort(message.files)].filter(Boolean).join(" ");
  return actionOf(text) ? `${sender} ${withoutMarks(words)}` : `${sender}: ${words}`;
}

/** @param {string} text @param {Chat} chat */
async function wordsOf(text, chat) {
  const { me, people, rooms } = chat;
  const node = document.createElement("div");
  /** @type {typeof import("../../lib/messages/spoken.js")} */
  let speech;
  try {
    speech = await import("../../lib/messages/spoken.js");
    if (isRich(text) && !actionOf(text)) await loadFormatter();
  } catch {
    return inShort(text); // The network is away, and the row is plain too.
  }
  writeText(node, text, { me, names: people.mentionable, rooms });
  return speech.spoken(node, {
    called: (name) => {
      const who = [me, ...people.names].find((each) => nameKey(each) === nameKey(name));
      return who ? people.shown(who) : name;
    },
    titled: (name) => {
      const room = rooms.get(name);
      return room ? titleFor(room, chat) : name;
    },
  });
}
