/* Times as people type them, in their own time zone: `2026-12-01T09:00`, `+2h`, `tomorrow 9:00`, `lunes`,
   `17:30`. As chatapp/client/terminal/scheduled/moments.py, and in the page's languages. */

const HOUR = 9; // of a day without a time
const DAYS = [
  ["sunday", "domingo"],
  ["monday", "lunes"],
  ["tuesday", "martes"],
  ["wednesday", "miercoles"],
  ["thursday", "jueves"],
  ["friday", "viernes"],
  ["saturday", "sabado"],
];
const SOON = [
  ["today", "hoy"],
  ["tomorrow", "manana"],
];
const UNITS = { m: 60_000, h: 3_600_000, d: 86_400_000, w: 604_800_000 };

/** The moment, or null where it is no time.
    @param {string} typed @param {Date} now @returns {Date | null} */
export function momentOf(typed, now) {
  const text = typed.trim();
  const plain = text.toLowerCase().normalize("NFD").replace(/\p{M}/gu, "");
  const [, number, unit] = /^(?:\+|in )\s*([0-9]{1,5})\s*([mhdw])$/u.exec(plain) ?? [];
  if (unit) return new Date(now.getTime() + Number(number) * UNITS[/** @type {"m"} */ (unit)]);
  return onDay(plain, now) ?? exact(text);
}

/** Nine o'clock, or that time, so many days from now: it may be another summer time than now.
    @param {Date} now @param {number} ahead */
export function dayAt(now, ahead, hour = HOUR, minute = 0) {
  return new Date(now.getFullYear(), now.getMonth(), now.getDate() + ahead, hour, minute);
}

/** The days until the next Monday, which is never today.
    @param {Date} now @param {number} day 0 is Sunday */
export function daysUntil(now, day) {
  return ((day - now.getDay() + 6) % 7) + 1;
}

/** As a field for a time wants it: 2026-12-01T09:00, in the reader's zone.
    @param {Date} at */
export function forField(at) {
  const local = new Date(at.getTime() - at.getTimezoneOffset() * UNITS.m);
  return local.toISOString().slice(0, "2026-12-01T09:00".length);
}

/** @param {string} text @param {Date} now */
function onDay(text, now) {
  const [whole, name, hour, minute] = /^([a-z]{3,9})?\s*(?:([0-9]{1,2}):([0-9]{2}))?$/u.exec(text) ?? [];
  if (!whole || Number(hour) > 23 || Number(minute) > 59) return null;
  const ahead = name ? aheadOf(name, now) : 0;
  if (ahead === null) return null;
  const time = /** @type {[number, number]} */ (hour ? [Number(hour), Number(minute)] : [HOUR, 0]);
  const then = dayAt(now, ahead, ...time);
  return !name && then <= now ? dayAt(now, 1, ...time) : then;
}

/** @param {string} name @param {Date} now */
function aheadOf(name, now) {
  const soon = SOON.findIndex((names) => names.includes(name));
  if (soon >= 0) return soon;
  const days = DAYS.flatMap((names, day) => (names.some((each) => each.startsWith(name)) ? [day] : []));
  return days.length === 1 ? daysUntil(now, days[0]) : null;
}

/** @param {string} text */
function exact(text) {
  if (!/^[0-9]{4}-[0-9]{2}-[0-9]{2}/u.test(text)) return null;
  const moment = new Date(text.length === "2026-12-01".length ? `${text}T0${HOUR}:00` : text);
  return Number.isNaN(moment.getTime()) ? null : moment;
}
