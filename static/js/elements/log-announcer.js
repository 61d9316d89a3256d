/* Tells those who listen to the page what was said just now, in plain words: the new, once, and never
   the history. In a room where much is said, only the last of it: nobody can listen that fast. */

import { loadFormatter } from "../lib/markdown.js";
import { nameKey } from "../lib/names.js";
import { isRich } from "../lib/richness.js";
import { sentenceOf } from "../lib/system-lines.js";
import { actionOf, inShort, withoutMarks } from "../lib/texts.js";
import { t } from "../lib/words.js";
import { titleFor } from "../models/rooms.js";
import { writeText } from "./message-text.js";

/** @import { Chat } from "../models/chat.js" */
/** @import { Message } from "../types.js" */

const AT_ONCE = 3;
const ANNOUNCED_FOR_MS = 8_000;

export class LogAnnouncer {
  #said = Promise.resolve(); // so that a message that waits for the formatter stays before the next

  /** @param {HTMLElement} place its role is "log" */
  constructor(place) {
    this.place = place;
  }

  /** From now on, mentions in other rooms are told too: how many there are, and where; and what was
      not sent, with the reason.
      @param {Chat} chat */
  attend(chat) {
    const called = new Map([...chat.rooms.values()].map((room) => [room.name, room.mentions]));
    chat.outbox.on("changed", ({ item: { state, reason } }) => {
      if (state === "failed") this.#announce(t("unsent.failed", { reason: reason ?? "" }));
    });
    chat.on("room", ({ room }) => {
      const isNew = room.mentions > (called.get(room.name) ?? 0);
      called.set(room.name, room.mentions);
      if (!isNew || room === chat.opened || room.calling === 0) return;
      this.#announce(`${titleFor(room, chat)}: ${t("unread.mentions", { count: room.mentions })}`);
    });
  }

  /** @param {Message[]} messages @param {Chat} chat */
  say(messages, chat) {
    for (const message of messages.slice(-AT_ONCE)) {
      const next = this.#said.then(async () => this.#announce(await lineOf(message, chat)));
      this.#said = next.catch(reportError); // one that cannot be said does not silence the others
    }
  }

  /** @param {string} text */
  #announce(text) {
    const line = document.createElement("p");
    line.textContent = text;
    this.place.append(line);
    setTimeout(() => line.remove(), ANNOUNCED_FOR_MS);
    while (this.place.childElementCount > AT_ONCE) this.place.firstElementChild?.remove();
  }
}

/** @param {Message} message @param {Chat} chat */
async function lineOf(message, chat) {
  const { sender: name, text } = message;
  if (message.system) return sentenceOf(message, chat.people);
  const sender = chat.people.shown(name);
  const words = await wordsOf(text, chat);
  return actionOf(text) ? `${sender} ${withoutMarks(words)}` : `${sender}: ${words}`;
}

/** @param {string} text @param {Chat} chat */
async function wordsOf(text, chat) {
  const { me, people, rooms } = chat;
  const node = document.createElement("div");
  /** @type {typeof import("../lib/spoken.js")} */
  let speech;
  try {
    speech = await import("../lib/spoken.js");
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
