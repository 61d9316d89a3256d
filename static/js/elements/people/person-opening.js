/* Asks for the card of a person ("open-person") when the pointer rests on their name or flag, and at once when
   that is pressed; lets it go ("leave-person") when the pointer is elsewhere. */

import { around } from "../../lib/page/parts.js";

const RESTS_MS = 450;
const NAMES = ".message .sender, .message > .flag, .member-name, .member > .flag";

/** @type {ReturnType<typeof setTimeout> | undefined} */
let timer;
/** @type {HTMLElement | null} what the pointer is on */
let pointed = null;

/** @param {string} type @param {object} [detail] */
function ask(type, detail) {
  clearTimeout(timer);
  document.dispatchEvent(new CustomEvent(type, { detail }));
}

document.addEventListener("click", (event) => {
  const beside = around(event, NAMES);
  if (beside) ask("open-person", { beside, byKey: event.detail === 0 });
});
document.addEventListener("pointerover", (event) => {
  if (event.pointerType === "touch" || around(event, "person-card")) return ask("stay-with-person");
  const beside = /** @type {HTMLElement | null} */ (around(event, NAMES));
  if (beside === pointed) return;
  pointed = beside;
  ask("leave-person");
  if (beside) timer = setTimeout(() => ask("open-person", { beside }), RESTS_MS);
});
