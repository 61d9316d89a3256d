/* The reactions under a message: a button each, pressed if one has given it oneself. A button
   stays the same node while its number changes, so that it keeps the focus. */

import { part } from "../../lib/page/parts.js";
import { ownEmoji } from "../../models/own-emoji.js";
import { signOf } from "../page/emoji-picture.js";

const NAMES_AT_MOST = 30;

/** @import { People } from "../../models/people/people.js" */

/** For `me`, with the names as `people` shows them.
    @param {HTMLElement} place @param {Record<string, string[]> | undefined} reactions
    @param {{ me: string, people: People }} reader */
export function showReactions(place, reactions = {}, reader) {
  const there = [...place.querySelectorAll("button")];
  const old = new Map(there.map((chip) => [chip.dataset.emoji, chip]));
  const chips = Object.entries(reactions).map(([emoji, names]) => {
    const chip = old.get(emoji) ?? newChip(emoji);
    show(chip, names, reader);
    return chip;
  });
  for (const chip of chips) old.delete(chip.dataset.emoji);
  for (const chip of old.values()) chip.remove();
  chips.forEach((chip, index) => {
    if (place.children[index] !== chip) place.insertBefore(chip, place.children[index] ?? null);
  });
}

/** @param {string} emoji */
function newChip(emoji) {
  const chip = document.createElement("button");
  Object.assign(chip, { type: "button", className: "reaction" });
  Object.assign(chip.dataset, { do: "react", emoji });
  chip.append(span("emoji", emoji), " ", span("number", ""));
  return chip;
}

/** @param {HTMLButtonElement} chip @param {string[]} names @param {{ me: string, people: People }} reader */
function show(chip, names, { me, people }) {
  const more = names.length > NAMES_AT_MOST ? " …" : "";
  chip.ariaPressed = String(names.includes(me));
  const { emoji = "" } = chip.dataset;
  if (emoji.endsWith(":")) {
    part(chip, ".emoji").replaceChildren(signOf(emoji));
    ownEmoji.see(emoji);
  }
  chip.title = names.slice(0, NAMES_AT_MOST).map((name) => people.shown(name)).join(", ") + more;
  part(chip, ".number").textContent = String(names.length);
}

/** @param {string} className @param {string} textContent */
function span(className, textContent) {
  return Object.assign(document.createElement("span"), { className, textContent });
}
