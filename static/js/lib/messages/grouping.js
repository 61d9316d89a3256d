/* How messages stand together: who says several things in a row is named once, and a new day
   is announced. chatapp/text/grouping.py does the same for the first render, by UTC. */

import { actionOf } from "../text/texts.js";
import { dayOf, minuteOf } from "../text/times.js";

/** @typedef {Pick<import("../../types.js").Message, "sender" | "by" | "text" | "at" | "reply_to" | "also_to_room" | "system" | "via">} Said */

const GROUP_MINUTES = 5;

/** @param {Said} message @param {Said} [previous] */
export function continues(message, previous) {
  return (
    previous !== undefined &&
    isOneSender(previous, message) &&
    !message.reply_to &&
    !message.also_to_room &&
    !message.system &&
    !previous.system &&
    !actionOf(message.text) &&
    !actionOf(previous.text) &&
    !beginsDay(message, previous) &&
    minuteOf(message.at) - minuteOf(previous.at) < GROUP_MINUTES
  );
}

/** Two guests may have had one name, and two programs one webhook; what is not sent yet has no id.
    @param {Said} one @param {Said} other */
function isOneSender(one, other) {
  return one.sender === other.sender && (one.by ?? other.by) === (other.by ?? one.by) && one.via?.name === other.via?.name && one.via?.emoji === other.via?.emoji && one.via?.approved_by === other.via?.approved_by;
}

/** @param {Said} message @param {Said} [previous] */
export function beginsDay(message, previous) {
  return !previous || dayOf(previous.at) !== dayOf(message.at);
}
