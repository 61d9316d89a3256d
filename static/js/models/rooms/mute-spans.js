/* For how long one may mute a room. */

const HOUR_MS = 60 * 60 * 1000;
const MORNING = 8; // o'clock

/** What one may choose, in this order. */
export const SPANS = /** @type {const} */ (["hour", "morning", "week", "always"]);
/** @typedef {typeof SPANS[number]} Span */

/** When a mute ends that begins now, as `prefs` takes it.
    @param {Span} span @param {Date} now */
export function endOf(span, now) {
  if (span === "always") return span;
  if (span === "hour") return new Date(now.getTime() + HOUR_MS).toISOString();
  const morning = new Date(now);
  morning.setDate(now.getDate() + (span === "week" ? 7 : 1));
  if (span === "morning") morning.setHours(MORNING, 0, 0, 0);
  return morning.toISOString();
}
