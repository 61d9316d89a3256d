/* What people say of themselves, in words: how one types it, and how one reads it. As
   chatapp/client/terminal/statuses, and in the page's languages. */

import { dayAt, daysUntil, momentOf } from "../../lib/text/moments.js";
import { clockOf, dayOf, exactly } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";

/** @import { PersonStatus } from "../../wire.js" */
/** @import { People } from "./people.js" */

export const PLAIN_STATUS = "💬"; // for one without an emoji
const OUT = new Set(["out", "fuera"]);
export const CLEARING = ["clear", "borrar"];
const MINUTE = 60_000;
const LAST_MINUTE = /** @type {const} */ ([23, 59]);
const EMOJI = /^\p{RGI_Emoji}$/v;
const END = /^(?:(?<text>[^]*?)\s+)?(?:(?:until|hasta(?: (?:el|las?))?)\s+(?<until>\S[^]*)|(?:for|durante)\s+(?<span>[0-9]+\s*[mhdw]))$/iu;
const language = globalThis.document?.documentElement.lang || "en";
const weekday = new Intl.DateTimeFormat(language, { weekday: "long" });
const thisYear = new Intl.DateTimeFormat(language, { day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat(language, { dateStyle: "long" });

/** What somebody says of themselves now, or null.
    @param {Pick<People, "of" | "now">} people @param {string} name */
export function statusOf(people, name) {
  const { status } = people.of(name) ?? {};
  const isOver = status?.until && new Date(status.until) <= people.now();
  return status && !isOver ? status : null;
}

/** When a status ends that is to end so; undefined: not by itself.
    @param {string} ends @param {Date} now @returns {Date | undefined} */
export function statusEnd(ends, now) {
  if (Number(ends)) return new Date(now.getTime() + Number(ends) * MINUTE);
  if (ends === "today") return dayAt(now, 0, ...LAST_MINUTE);
  return ends === "week" ? dayAt(now, daysUntil(now, 1) - 1, ...LAST_MINUTE) : undefined;
}

/** `[out] [EMOJI] [TEXT] [until TIME | for 2h]`, as the server wants it; null where the end is no time.
    @param {string} typed @param {Date} now */
export function statusTyped(typed, now) {
  const [first = "", rest = ""] = split(typed);
  const isOut = OUT.has(first);
  const said = isOut ? rest : typed.trim();
  const { text = said, until, span } = END.exec(said)?.groups ?? {};
  const end = until || span ? momentOf(until ?? `+${span}`, now) : undefined;
  if (end === null) return null;
  const saying = until || span ? (END.exec(said)?.groups?.text ?? "") : text;
  const [emoji = "", more = ""] = split(saying);
  const isEmoji = EMOJI.test(emoji);
  return {
    emoji: isEmoji ? emoji : "",
    text: isEmoji ? more : saying,
    ...(end && { until: end.toISOString() }),
    ...(isOut && { out_of_office: true }),
  };
}

/** "until 17:30", "until Monday", "until 24 December"
    @param {string} at @param {Date} now */
export function untilOf(at, now) {
  const date = new Date(at);
  if (dayOf(at) === dayOf(now.toISOString())) return t("statuses.until.time", { when: clockOf(at) });
  const isSoon = date < dayAt(now, 7, 0);
  const day = isSoon ? weekday : date.getFullYear() === now.getFullYear() ? thisYear : otherYear;
  return t("statuses.until.day", { when: day.format(date) });
}

/** All of it but the emoji: "Vacation · out of office until Monday".
    @param {PersonStatus} status @param {Date} now */
export function statusInWords({ text, until, out_of_office: isOut }, now) {
  const end = until ? untilOf(until, now) : "";
  const about = [isOut ? t("statuses.out") : "", end].filter(Boolean).join(" ");
  return [text, about].filter(Boolean).join(" · ");
}

/** "Ana is out of office until Monday"
    @param {string} name @param {PersonStatus} status @param {Date} now */
export function isOutInWords(name, { until }, now) {
  return [t("statuses.is-out", { name }), until ? untilOf(until, now) : ""].filter(Boolean).join(" ");
}

/** The exact time of the end, for who points at it.
    @param {PersonStatus} status */
export function exactEnd({ until }) {
  return until ? exactly(until) : "";
}

/** @param {string} text the first word, and the rest */
function split(text) {
  return /^(\S+)(?:\s+([^]*))?$/u.exec(text.trim())?.slice(1) ?? [];
}
