/* Loads what opens over the page (later.js): when somebody begins to use the page, at the latest when
   any of it is opened, by an event on the document. That event comes again when it is there, and so does
   what was typed meanwhile: it was meant for what opens. */

import { part } from "../lib/parts.js";
import { Lost, problemOf } from "../models/refused.js";
import { ToastNote } from "./toast-note.js";

const OPENING = [
  "do-search",
  "do-switch",
  "do-browse",
  "do-inbox",
  "do-details",
  "do-jump-to-date",
  "do-invite",
  "do-create-room",
  "do-new-message",
  "do-settings",
  "open-room-menu",
  "open-section-menu",
  "ask-first",
  "leave-room",
  "show-versions",
  "delete-message",
  "pick-emoji",
  "open-message-menu",
  "do-command",
  "do-format",
];
const USES = ["pointerdown", "keydown"];

/** `load()` fails where the network is away; the next one to open something tries again.
    @param {() => Promise<void>} load */
export function openWith(load) {
  /** @type {CustomEvent[]} */
  let opened = [];
  /** @type {KeyboardEvent[]} */
  let typed = [];
  /** @type {Promise<void> | null} */
  let loading = null;

  const begin = () => (loading ??= load().finally(() => (loading = null)));
  const beginEarly = () => begin().then(end, () => {}); // Whoever opens something is told.
  const end = () => {
    for (const use of USES) document.removeEventListener(use, beginEarly);
    for (const name of OPENING) document.removeEventListener(name, hold);
  };
  /** @param {KeyboardEvent} event */
  const holdKey = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    typed.push(event);
  };
  /** @param {Event} event */
  const hold = async (event) => {
    opened.push(/** @type {CustomEvent} */ (event));
    if (opened.length > 1) return;
    addEventListener("keydown", holdKey, { capture: true });
    const isThere = await begin().then(
      () => true,
      () => false,
    );
    removeEventListener("keydown", holdKey, { capture: true });
    const events = opened;
    const keys = typed;
    opened = [];
    typed = [];
    if (!isThere) {
      part(document, "toast-note", ToastNote).say(problemOf(new Lost()));
      for (const { detail } of events) detail?.closed?.(); // Nobody waits for what does not open.
      return;
    }
    end();
    for (const { type, detail } of events) document.dispatchEvent(new CustomEvent(type, { detail }));
    for (const key of keys) typeAgain(key);
  };

  for (const use of USES) document.addEventListener(use, beginEarly, { passive: true });
  for (const name of OPENING) document.addEventListener(name, hold);
}

/** @param {KeyboardEvent} event */
function typeAgain(event) {
  const { key, code, ctrlKey, metaKey, shiftKey, altKey } = event;
  const focused = document.activeElement ?? document.body;
  const again = { key, code, ctrlKey, metaKey, shiftKey, altKey, bubbles: true, cancelable: true };
  const goesOn = focused.dispatchEvent(new KeyboardEvent("keydown", again));
  const isText = Array.from(key).length === 1 && !ctrlKey && !metaKey;
  if (goesOn && isText) document.execCommand("insertText", false, key);
}
