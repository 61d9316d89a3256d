/* Which messages are worth disturbing somebody who does not look at them. */

import { calls } from "../lib/calls.js";

/** `isBusy`: wants to be left alone; `isLooking`: has this room before their eyes. */
export function isWorthTelling({ room, message, me, isBusy, isLooking }) {
  if (isBusy || isLooking || message.sender === me || room.level === "nothing") return false;
  return room.level === "all" || calls(message.text, me);
}
