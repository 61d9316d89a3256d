/* The flag of a person: their photo, above the letter of their name in their colour. */

import { node } from "./nodes.js";

/** @param {HTMLElement} flag @param {import("../text/flags.js").Flag} person */
export function showFlag(flag, { letter, hue, pattern, photo }) {
  const src = photo && `/photos/${photo}`;
  const shown = flag.querySelector("img")?.getAttribute("src") ?? "";
  if (flag.textContent !== letter || shown !== src) {
    const face = src ? [node("img", { src, alt: "", decoding: "async" })] : [];
    flag.replaceChildren(letter, ...face);
  }
  Object.assign(flag.dataset, { hue, pattern });
}

/** A new one, for where no template has it.
    @param {import("../text/flags.js").Flag} person @param {string} [className] */
export function newFlag(person, className = "flag small") {
  const flag = node("span", { className, ariaHidden: "true" });
  showFlag(flag, person);
  return flag;
}
