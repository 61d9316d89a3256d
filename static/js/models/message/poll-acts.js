/* What people do with a poll. What the server answers shows at once, as it does to everyone. */

/** @import { Shown } from "../../types.js" */
/** @import { Chat } from "../chat.js" */
/** @import { Event } from "../../wire.js" */

/** For these options, and for no other; for none, it withdraws the vote.
    @param {Chat} chat @param {Pick<Shown, "room" | "seq">} message @param {number[]} options */
export async function vote(chat, { room, seq }, options) {
  const { event } = await chat.connection.request("vote", { room, seq: Number(seq), options });
  take(chat, room, "react", event);
}

/** @param {Chat} chat @param {Pick<Shown, "room" | "seq">} message */
export async function closePoll(chat, { room, seq }) {
  const { event } = await chat.connection.request("close_poll", { room, seq: Number(seq) });
  take(chat, room, "edit", event);
}

/** @param {Chat} chat @param {string} name @param {"react" | "edit"} type @param {Event | null} [event] */
function take({ rooms, hearing }, name, type, event) {
  const room = rooms.get(name);
  if (event && room) hearing.receive(room, [{ ...event, type }]);
}
