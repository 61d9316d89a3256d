/* How messages stand together: who says several things in a row is named once, and a new day
   is announced. templates/_message.html does the same for the first render, by UTC. */

import { actionOf } from "./texts.js";
import { dayOf, minuteOf } from "./times.js";

/** @typedef {Pick<import("../types.js").Message, "sender" | "text" | "at" | "reply_to">} Said */

const GROUP_MINUTES = 5;

/** @param {Said} message @param {Said} [previous] */
export function continues(message, previous) {
  return (
    previous !== undefined &&
    previous.sender === message.sender &&
    !message.reply_to &&
    !actionOf(message.text) &&
    !actionOf(previous.text) &&
    !beginsDay(message, previous) &&
    minuteOf(message.at) - minuteOf(previous.at) < GROUP_MINUTES
  );
}

/** @param {Said} message @param {Said} [previous] */
export function beginsDay(message, previous) {
  return !previous || dayOf(previous.at) !== dayOf(message.at);
}
