/* The sign of a room's kind before its title: # public, a lock, or the face of the other in a direct one. */

import { showFlag } from "../../lib/page/flag.js";
import { part } from "../../lib/page/parts.js";
import { faceOf, iconOf } from "../../models/rooms/rooms.js";

/** `place` has an icon and a flag, and shows one of them.
    @param {HTMLElement} place @param {import("../../models/rooms/room.js").Room} room @param {import("../../models/chat.js").Chat} chat */
export function showKind(place, room, { me, people }) {
  const face = faceOf(room, me);
  const flag = part(place, ".flag");
  flag.hidden = !face;
  part(place, ".icon", SVGElement).classList.toggle("gone", face !== "");
  part(place, "use", SVGElement).setAttribute("href", `#icon-${iconOf(room)}`);
  if (!face) return;
  showFlag(flag, people.flag(face));
}
