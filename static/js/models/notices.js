/* Which messages are worth disturbing somebody who does not look at them. */

import { calls } from "../lib/calls.js";

/** @import { Message } from "../types.js" */
/** @import { Room } from "./room.js" */

/** `isBusy`: wants to be left alone; `isLooking`: has this room before their eyes.
    @param {{ room: Room, message: Message, me: string, isBusy: boolean, isLooking: boolean }} news */
export function isWorthTelling({ room, message, me, isBusy, isLooking }) {
  if (isBusy || isLooking || message.sender === me || room.level === "nothing") return false;
  return room.level === "all" || calls(message.text, me);
}
