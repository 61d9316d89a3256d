/* The picture of an emoji of the chat's own, in a text or a reaction; still for whom nothing shall move.
   templates/_message.html draws the same for the first page. */

import { isCalm } from "../../lib/page/looks.js";
import { ownEmoji } from "../../models/own-emoji.js";

/** @param {string} written as `:name:`, which the chat has */
export function pictureOf(written) {
  const { sha256, animated, width, height } = /** @type {import("../../wire.js").CustomEmoji} */ (ownEmoji.get(written));
  const src = `/emoji/${sha256}${animated && isCalm() ? "/still" : ""}`;
  return Object.assign(new Image(width, height), { className: "own-emoji", src, alt: written, title: written });
}

/** What stands for a reaction.
    @param {string} emoji */
export function signOf(emoji) {
  return ownEmoji.get(emoji) ? pictureOf(emoji) : emoji;
}
