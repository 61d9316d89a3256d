/* Times as people read them, in their own time zone. `at` is UTC as the log has it. The clock
   follows the reader's own habit (9:30 PM or 21:30), the words are in the page's language. */

import { t } from "./words.js";

const MINUTE = 60_000;
const WORDS = globalThis.document?.documentElement.lang || "en";

const clock = new Intl.DateTimeFormat(undefined, { timeStyle: "short" });
const exact = new Intl.DateTimeFormat(WORDS, { dateStyle: "full", timeStyle: "medium" });
const thisYear = new Intl.DateTimeFormat(WORDS, { weekday: "long", day: "numeric", month: "long" });
const otherYear = new Intl.DateTimeFormat(WORDS, { dateStyle: "long" });
const short = new Intl.DateTimeFormat(WORDS, { day: "numeric", month: "short", year: "numeric" });
const relative = new Intl.RelativeTimeFormat(WORDS, { numeric: "auto" });

/** 09:30
    @param {string} at */
export function clockOf(at) {
  return clock.format(new Date(at));
}

/** Sunday, 22 November 2026 at 09:30:12
    @param {string} at */
export function exactly(at) {
  return exact.format(new Date(at));
}

/** The reader's day of a time, 2026-11-22.
    @param {string} at */
export function dayOf(at) {
  const date = new Date(at);
  return [date.getFullYear(), date.getMonth() + 1, date.getDate()]
    .map((number) => String(number).padStart(2, "0"))
    .join("-");
}

/** Today, Yesterday, Friday 20 November, or 3 May 2024.
    @param {string} at */
export function dayName(at, now = new Date()) {
  const date = new Date(at);
  const daysAgo = Math.round((midnight(now) - midnight(date)) / (24 * 60 * MINUTE));
  if (daysAgo === 0 || daysAgo === 1) return capital(relative.format(-daysAgo, "day"));
  return (date.getFullYear() === now.getFullYear() ? thisYear : otherYear).format(date);
}

/** 22 Nov 2026, of 2026-11-22; what is no day stays as it is.
    @param {string} day */
export function shortDay(day) {
  const date = new Date(`${day}T12:00`);
  return Number.isNaN(date.getTime()) ? day : short.format(date);
}

/** Just now, 5 minutes ago, yesterday, 3 May 2024.
    @param {string} at @param {Date} now */
export function ago(at, now) {
  const minutes = Math.floor((now.getTime() - new Date(at).getTime()) / MINUTE);
  if (minutes < 1) return t("time.now");
  if (minutes < 60) return relative.format(-minutes, "minute");
  if (minutes < 24 * 60) return relative.format(-Math.floor(minutes / 60), "hour");
  const days = Math.floor(minutes / (24 * 60));
  return days < 30 ? relative.format(-days, "day") : otherYear.format(new Date(at));
}

/** Whole minutes since 1970: what the page groups by, and shows.
    @param {string} at */
export function minuteOf(at) {
  return Math.floor(new Date(at).getTime() / MINUTE);
}

/** @param {Date} date */
function midnight(date) {
  return new Date(date.getFullYear(), date.getMonth(), date.getDate()).getTime();
}

/** @param {string} text */
function capital(text) {
  return text.charAt(0).toLocaleUpperCase(WORDS) + text.slice(1);
}
