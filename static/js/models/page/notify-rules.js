/* What one wants to be notified of, besides what one has chosen for each room: one's keywords, and the hours in
   which one is left alone. The server keeps them for all devices; what rings is decided here.
   chatapp/domain/quiet_hours.py and chatapp/text/keywords.py have the same rules.

   Tells "changed". */

import { Emitter } from "../../lib/browser/emitter.js";
import { nameKey } from "../../lib/text/names.js";
import { wordsIn } from "../../lib/search/search-words.js";
import { spans } from "../../lib/text/tokens.js";
import { ignoreUnanswered } from "../refused.js";

/** @import { Connection, Now } from "../../types.js" */
/** @import { Names } from "../../lib/text/tokens.js" */
/** @import { Notifications, QuietHours } from "../../wire.js" */

/** @extends {Emitter<{ changed: void }>} */
export class NotifyRules extends Emitter {
  /** @type {Notifications} */
  rules = { keywords: [], quiet: null };
  /** @type {Map<string, string[][]>} the words of keywords, by the first of them */
  #keywords = new Map();

  /** `known` is what the page was written with.
      @param {{ connection: Connection, me: string, names: Names, now: Now, known?: Notifications }} parts */
  constructor({ connection, me, names, now, known }) {
    super();
    this.connection = connection;
    this.me = me;
    this.names = names;
    this.now = now;
    if (known) this.#take(known);
    connection.on("online", () => void this.#ask());
    connection.on("event", ({ name, payload }) => name === "notifications" && this.#take(payload));
    void this.#ask();
  }

  /** Whether one of one's keywords is in a text.
      @param {string} [text] */
  finds(text = "") {
    if (this.#keywords.size === 0 || !text) return false;
    const words = wordsIn(text).map(({ word }) => word);
    return words.some((word, at) =>
      this.#keywords.get(word)?.some((sought) => sought.every((each, ahead) => each === words[at + ahead])),
    );
  }

  /** Whether one is to be left alone now, and not called by this text.
      @param {string} [text] */
  isQuiet(text = "") {
    const { quiet } = this.rules;
    if (!quiet || !isWithin(quiet, this.now())) return false;
    return !(quiet.mentions && namesOne(text, this.me, this.names));
  }

  /** Throws Refused or Lost.
      @param {import("../../wire.js").SetNotifications} wanted */
  async change(wanted) {
    const { notifications } = await this.connection.request("notifications", wanted);
    this.#take(notifications);
  }

  async #ask() {
    try {
      await this.change({});
    } catch (error) {
      ignoreUnanswered(error); // Coming online asks again.
    }
  }

  /** @param {Notifications} rules */
  #take(rules) {
    this.rules = rules;
    this.#keywords = new Map();
    for (const keyword of rules.keywords) {
      const words = wordsIn(keyword).map(({ word }) => word);
      this.#keywords.set(words[0], [...(this.#keywords.get(words[0]) ?? []), words]);
    }
    this.tell("changed");
  }
}

/** A period that ends before it begins ends on the next day; its days are those on which it begins.
    @param {QuietHours} quiet @param {Date} now */
export function isWithin({ start, end, days, zone }, now) {
  const { time, day } = localTime(now, zone);
  const yesterday = ((day + 5) % 7) + 1;
  if (start < end) return start <= time && time < end && days.includes(day);
  return (time >= start && days.includes(day)) || (time < end && days.includes(yesterday));
}

/** @param {Date} now @param {string} timeZone @returns {{ time: string, day: number }} the day from 1, Monday */
function localTime(now, timeZone) {
  const format = new Intl.DateTimeFormat("en", { timeZone, weekday: "short", hour: "2-digit", minute: "2-digit", hourCycle: "h23" });
  const parts = Object.fromEntries(format.formatToParts(now).map(({ type, value }) => [type, value]));
  return { time: `${parts.hour}:${parts.minute}`, day: ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"].indexOf(parts.weekday) + 1 };
}

/** Whether a text mentions somebody by name, not everyone.
    @param {string} text @param {string} name @param {Names} names */
function namesOne(text, name, names) {
  if (!text.includes("@")) return false;
  return spans(text, names).some(({ kind, value }) => kind === "mention" && value === nameKey(name));
}
