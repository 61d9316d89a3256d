/* Loads the emoji picker (message-emoji.js) when somebody wants an emoji for the first time. */

import { part } from "../lib/parts.js";
import { Lost, problemOf } from "../models/refused.js";
import { ToastNote } from "./toast-note.js";

/** @import { Wish } from "./message-emoji.js" */

const PICK = "pick-emoji";

/** @param {Event} event */
async function open(event) {
  const { detail } = /** @type {CustomEvent<Wish>} */ (event);
  try {
    await import("../elements/message-emoji.js");
  } catch {
    document.addEventListener(PICK, open, { once: true });
    part(document, "toast-note", ToastNote).say(problemOf(new Lost()));
    detail.closed();
    return;
  }
  document.dispatchEvent(new CustomEvent(PICK, { detail })); // The picker listens now.
}

document.addEventListener(PICK, open, { once: true });
