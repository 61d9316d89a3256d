/* The composer before the page's script has come, which takes a while on a first visit. Enter and the
   button put what was written where earlier pages kept what was unsent: models/composer/outbox.js finds it there
   and sends it, in a later page too. What is only written when one leaves becomes the draft of the
   room, for models/composer/drafts.js. A small script of its own, for it has to come first; what only the
   composer understands (commands, Enter in a block of code) stays in the field. */

const MAX_CHARACTERS = 4000; // A longer text may be too long for the server.
const early = new AbortController();

/** The field, until the composer has taken it over.
    @param {EventTarget | null} [within] */
function fieldIn(within = document.querySelector("message-composer")) {
  const composer = within instanceof Element ? within.closest("message-composer") : null;
  if (!composer) return null;
  if ("chat" in composer && composer.chat) early.abort();
  return early.signal.aborted ? null : composer.querySelector("textarea");
}

/** @param {KeyboardEvent} event */
function keyed(event) {
  const field = fieldIn(event.target);
  const isEnter = event.key === "Enter" && !event.shiftKey && !event.isComposing;
  if (!field || event.target !== field || !isEnter || field.value.includes("```")) return;
  event.preventDefault();
  send(field);
}

/** @param {Event} event */
function submitted(event) {
  const field = fieldIn(event.target);
  if (!field) return;
  event.preventDefault();
  send(field);
}

/** @param {Event} event */
function written(event) {
  const field = fieldIn(event.target);
  if (field) letSend(field);
}

function left() {
  const field = fieldIn();
  const room = field?.value.trim() && openRoom();
  if (field && room) keep(`draft.${room.me}.${room.name}`, field.value);
}

/** @param {HTMLTextAreaElement} field */
function send(field) {
  const { value: text } = field;
  const room = text.trim() && !text.startsWith("/") && text.length <= MAX_CHARACTERS && openRoom();
  if (!room) return;
  const cid = Array.from(crypto.getRandomValues(new Uint8Array(16)), (byte) => byte.toString(16).padStart(2, "0")).join("");
  const item = { cid, sender: room.me, room: room.name, text, at: new Date().toISOString(), state: "waiting" };
  if (!keep(`outbox.${cid}`, item)) return;
  field.value = "";
  letSend(field);
}

/** @param {HTMLTextAreaElement} field */
function letSend(field) {
  const button = field.form?.querySelector(".composer-send");
  if (button instanceof HTMLButtonElement) button.disabled = !field.value.trim();
}

/** The room that the page is of and the address asks for, once the page has said so. */
function openRoom() {
  const begin = document.querySelector("#begin")?.textContent;
  const { me, asked, room } = begin ? JSON.parse(begin) : {};
  return begin && asked === room.name ? { me, name: room.name } : null;
}

/** Whether it is kept now: storage may be switched off or full.
    @param {string} name @param {unknown} value */
function keep(name, value) {
  try {
    localStorage.setItem(`chatapp.${name}`, JSON.stringify(value));
    return true;
  } catch {
    return false;
  }
}

const listening = { capture: true, signal: early.signal };
addEventListener("keydown", keyed, listening);
addEventListener("submit", submitted, listening);
addEventListener("input", written, listening);
addEventListener("pagehide", left, listening);
