/* Who rings: a person may have the chat in many tabs, and hears of a message once. One tab has the
   duty until it is closed. The others tell it what they heard and what somebody looks at. They keep
   what it has not dealt with yet: the next tab on duty rings for that. Where somebody looks at a
   message, in whatever tab, nobody rings.

   Tells "ring" {news}. */

import { Emitter } from "../../lib/browser/emitter.js";
import { calls } from "../../lib/text/tokens.js";

/** @import { Channel } from "../../lib/storage/shelf.js" */
/** @import { Names } from "../../lib/text/tokens.js" */
/** @import { Later, Message } from "../../types.js" */
/** @import { NotifyRules } from "./notify-rules.js" */
/** @import { Room } from "../rooms/room.js" */

/** What there is to tell.
    @typedef {{ room: string, seq: number, sender: string, text: string }} News */

const SEEN_WITHIN_SECONDS = 0.3; // The tab before one's eyes says so; it may be slower than this one.

/** Whether a message is worth disturbing somebody who does not look at it.
    `names`: who may be mentioned; `isBusy`: wants to be left alone; `isLooking`: has this room before
    their eyes; `rules`: one's keywords and quiet hours; `isFollowed`: it is in a thread that one follows.
    @param {{ room: Room, message: Message, me: string, names?: Names, isBusy: boolean, isLooking: boolean, rules?: NotifyRules, isFollowed?: boolean }} news */
export function isWorthTelling({ room, message, me, names, isBusy, isLooking, rules, isFollowed = false }) {
  if (isBusy || isLooking || message.system || message.sender === me || room.level === "nothing") return false;
  if (rules?.isQuiet(message.text)) return false;
  return isForAll(room, message) || isFollowed || calls(message.text, me, names) || Boolean(rules?.finds(message.text));
}

/** Whether it rings for whoever hears everything of the room: an answer in a thread is for those who follow it.
    @param {Room} room @param {Message} message */
function isForAll({ level, kind }, { thread, also_to_room: isForRoom }) {
  return level === "all" && (thread === undefined || Boolean(isForRoom) || kind === "direct");
}

/** @extends {Emitter<{ ring: { news: News } }>} */
export class Ringing extends Emitter {
  #isOnDuty = false;
  /** @type {Map<string, number>} by room: up to where it was seen */
  #seen = new Map();
  /** @type {Map<string, number>} by room: up to where it was heard, in whatever tab */
  #heard = new Map();
  /** @type {Map<string, number>} by room: up to where the tab on duty has dealt with it */
  #handled = new Map();
  /** @type {Map<string, News>} by room: the newest that the tab on duty has not dealt with */
  #pending = new Map();

  /** `hold(step)`: does the step when it is this tab's turn, which lasts as long as its promise.
      @param {{ channel: Channel, hold: (step: () => Promise<void>) => unknown, later: Later }} parts */
  constructor({ channel, hold, later }) {
    super();
    this.channel = channel;
    this.later = later;
    channel.onmessage = ({ data: { seen, heard, handled } }) => {
      if (seen) note(this.#seen, seen);
      if (heard) this.#take(heard);
      if (handled) this.#handledElsewhere(handled);
    };
    hold(() => {
      this.#isOnDuty = true;
      for (const news of this.#pending.values()) this.#ringSoon(news);
      this.#pending.clear();
      return new Promise(() => {});
    });
  }

  /** The newest message of a room stands before somebody's eyes.
      @param {string} room @param {number} seq */
  saw(room, seq) {
    note(this.#seen, { room, seq });
    this.channel.postMessage({ seen: { room, seq } });
  }

  /** A message that is worth telling came.
      @param {News} news */
  heard(news) {
    this.#take(news);
    if (!this.#isOnDuty) this.channel.postMessage({ heard: news });
  }

  /** @param {News} news */
  #take(news) {
    if (this.#isOnDuty) this.#ringSoon(news);
    else if ((this.#handled.get(news.room) ?? 0) < news.seq) this.#pending.set(news.room, news);
  }

  /** @param {{ room: string, seq: number }} handled */
  #handledElsewhere(handled) {
    note(this.#handled, handled);
    if ((this.#pending.get(handled.room)?.seq ?? 0) <= handled.seq) this.#pending.delete(handled.room);
  }

  /** @param {News} news */
  #ringSoon(news) {
    const { room, seq } = news;
    if (!note(this.#heard, news)) return;
    this.later(() => {
      if ((this.#seen.get(room) ?? 0) < seq) this.tell("ring", { news });
      this.channel.postMessage({ handled: { room, seq } });
    }, SEEN_WITHIN_SECONDS);
  }
}

/** Whether it is further than what was noted before.
    @param {Map<string, number>} notes @param {{ room: string, seq: number }} place */
function note(notes, { room, seq }) {
  if ((notes.get(room) ?? 0) >= seq) return false;
  notes.set(room, seq);
  return true;
}
