/* Tells those who listen to the page what was said just now: the new, once, and never the history.
   In a room where much is said, only the last of it: nobody can listen that fast. */

import { actionOf } from "../lib/texts.js";

/** @import { People } from "../models/people.js" */
/** @import { Message } from "../types.js" */

const AT_ONCE = 3;
const ANNOUNCED_FOR_MS = 8_000;

export class LogAnnouncer {
  /** @param {HTMLElement} place its role is "log" */
  constructor(place) {
    this.place = place;
  }

  /** @param {Message[]} messages @param {People} people */
  say(messages, people) {
    for (const { sender: name, text } of messages.slice(-AT_ONCE)) {
      const sender = people.shown(name);
      const line = document.createElement("p");
      const action = actionOf(text);
      line.textContent = action ? `${sender} ${action.deed}` : `${sender}: ${text}`;
      this.place.append(line);
      setTimeout(() => line.remove(), ANNOUNCED_FOR_MS);
    }
    while (this.place.childElementCount > AT_ONCE) this.place.firstElementChild?.remove();
  }
}
