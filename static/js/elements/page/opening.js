/* Loads what opens over the page (later.js): when somebody begins to use the page, at the latest when
   any of it is asked for, by an event. That event comes again when it is there, and so does what was
   typed meanwhile: it was meant for what opens. */

import { around, part } from "../../lib/page/parts.js";
import { standIn } from "../../lib/page/stand-in.js";
import { Lost, problemOf } from "../../models/refused.js";
import { ToastNote } from "./toast-note.js";

const OPENING = [
  "do-search",
  "do-switch",
  "do-browse",
  "do-inbox",
  "do-threads",
  "do-saved",
  "hear-answer",
  "hear-invited",
  "hear-messages",
  "hear-said",
  "hear-saved",
  "hear-unreached",
  "hear-webhook-off",
  "do-details",
  "do-pins",
  "do-emoji",
  "do-jump-to-date",
  "do-invite",
  "do-create-room",
  "do-new-message",
  "do-notices",
  "do-settings",
  "do-shortcuts",
  "open-person",
  "open-room-menu",
  "open-section-menu",
  "ask-first",
  "leave-room",
  "show-versions",
  "delete-message",
  "pick-emoji",
  "longpress",
  "replyswipe",
  "open-thread",
  "do-command",
  "do-format",
  "do-send-later",
  "do-poll",
  "tell-writer",
  "do-status",
  "message-act",
];
const USES = ["pointerdown", "keydown"];
/** What is pressed, and is done by what comes: in a message, a person, the bell. */
const ACTS =
  ".edited, .reaction, forwarded-from button, .replies button, .code-copy, .for-fingers, .sender, .message > .flag, .member-name, .member > .flag, notice-bell button";
/** @typedef {{ event: Event, place?: () => Element | undefined }} Held */

/** Nobody has asked for it, or waits: no key is meant for it, and its loss is not told. */
const isHeard = (/** @type {Event} */ { type }) => type.startsWith("hear-");

/** Gives what loads it at once. `load()` fails where the network is away; the next one to open something
    tries again.
    @param {() => Promise<void>} load */
export function openWith(load) {
  /** @type {Held[]} */
  let held = [];
  /** @type {Promise<void> | null} */
  let loading = null;
  const listening = new AbortController();
  const { signal } = listening;

  const begin = () => (loading ??= load().finally(() => (loading = null)));
  const beginEarly = () => begin().then(() => listening.abort(), () => {}); // Whoever opens something is told.
  /** @param {KeyboardEvent} event */
  const holdKey = (event) => {
    event.preventDefault();
    event.stopImmediatePropagation();
    held.push({ event });
  };
  /** @param {Event} event @param {Held["place"]} [place] where it is to come again */
  const hold = async (event, place) => {
    held.push({ event, place });
    if (!isHeard(event)) addEventListener("keydown", holdKey, { capture: true });
    if (held.length > 1) return;
    const isThere = await begin().then(
      () => true,
      () => false,
    );
    removeEventListener("keydown", holdKey, { capture: true });
    const [all, events] = [held, held.map((each) => each.event)];
    held = [];
    if (isThere) {
      listening.abort();
      return all.forEach(again);
    }
    if (!events.every(isHeard)) part(document, "toast-note", ToastNote).say(problemOf(new Lost()));
    for (const each of events) if (each instanceof CustomEvent) each.detail?.closed?.(); // What does not open, nobody waits for.
  };
  /** With the focus in a message, a key may be for what comes.
      @param {KeyboardEvent} event */
  const keyed = (event) => {
    if (!around(event, ".message") || !isOfAMessage(event)) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    void hold(event);
  };
  /** @param {MouseEvent} event */
  const pressed = (event) => {
    const act = around(event, ACTS);
    if (act) void hold(event, standIn(act, ACTS));
  };

  for (const use of USES) document.addEventListener(use, beginEarly, { passive: true, signal });
  document.addEventListener("focusin", (event) => around(event, ".message") && beginEarly(), { signal }); // A screen reader needs no key.
  document.addEventListener("pointermove", beginEarly, { once: true, signal }); // The bar over a message is there at once.
  document.addEventListener("keydown", keyed, { capture: true, signal });
  document.addEventListener("click", pressed, { signal });
  for (const name of OPENING) document.addEventListener(name, (event) => void hold(event), { signal });
  return beginEarly;
}

/** A letter, a sign, or one that goes from row to row: not one that presses what has the focus.
    @param {KeyboardEvent} event */
function isOfAMessage({ key, ctrlKey, metaKey, altKey }) {
  return !ctrlKey && !metaKey && !altKey && /^(?:\S|ArrowUp|ArrowDown|Delete|Escape)$/u.test(key);
}

/** @param {Held} held */
function again({ event, place }) {
  if (event instanceof KeyboardEvent) return typeAgain(event);
  const { target, type } = event;
  const isThere = target instanceof Node && target.isConnected;
  const Kind = /** @type {new (type: string, like: Event) => Event} */ (event.constructor);
  (isThere ? target : (place?.() ?? document)).dispatchEvent(new Kind(type, event));
}

/** @param {KeyboardEvent} event */
function typeAgain(event) {
  const focused = document.activeElement ?? document.body;
  const goesOn = focused.dispatchEvent(new KeyboardEvent("keydown", event));
  const { key, ctrlKey, metaKey } = event;
  const isText = Array.from(key).length === 1 && !ctrlKey && !metaKey;
  if (goesOn && isText) document.execCommand("insertText", false, key);
}
