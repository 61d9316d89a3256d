/* The sign of a room's kind before its title: # public, a lock, or the face of the other in a direct one. */

import { part } from "../lib/parts.js";
import { iconOf } from "../models/rooms.js";

/** `place` has an icon and a flag, and shows one of them.
    @param {HTMLElement} place @param {import("../models/room.js").Room} room @param {import("../models/chat.js").Chat} chat */
export function showKind(place, room, { me, people }) {
  const others = room.invited.filter((name) => name !== me);
  const isFace = room.kind === "direct" && others.length === 1;
  const flag = part(place, ".flag");
  flag.hidden = !isFace;
  part(place, ".icon", SVGElement).classList.toggle("gone", isFace);
  part(place, "use", SVGElement).setAttribute("href", `#icon-${iconOf(room)}`);
  if (!isFace) return;
  const { letter, hue, pattern } = people.flag(others[0]);
  flag.textContent = letter;
  Object.assign(flag.dataset, { hue, pattern });
}
