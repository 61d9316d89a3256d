/* Whether a room is muted; for how long it can be is models/rooms/mute-spans.js's. The wire has a time, "always", or
   nothing; a time that is over counts as nothing, so a mute ends by itself. */

/** @param {string | null} until @param {Date} now */
export function isInForce(until, now) {
  return until === "always" || (until !== null && new Date(until) > now);
}
