/* When one may be reminded of a message, in the reader's own time zone. */

import { dayAt, daysUntil } from "../../lib/text/moments.js";

const MINUTE_MS = 60_000;
const SOON_MINUTES = 20;
const MONDAY = 1;

/** What one may choose, in this order; any other time is picked. */
export const REMINDERS = /** @type {const} */ (["minutes", "hour", "tomorrow", "monday"]);
/** @typedef {typeof REMINDERS[number]} Reminder */

/** The time of a choice that is made now. Next Monday is a week away on a Monday.
    @param {Reminder} reminder @param {Date} now */
export function timeOf(reminder, now) {
  if (reminder === "minutes") return new Date(now.getTime() + SOON_MINUTES * MINUTE_MS);
  if (reminder === "hour") return new Date(now.getTime() + 60 * MINUTE_MS);
  return dayAt(now, reminder === "tomorrow" ? 1 : daysUntil(now, MONDAY));
}
