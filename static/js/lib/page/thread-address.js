/* The thread that is open, in the address: `?thread=12`. It gets an entry of its own in the browser's history,
   so that Back closes it. */

import { numberIn } from "./routes.js";

/** @param {number | null} thread @param {number} [seq] of a reply in it */
export function showThreadIn(thread, seq) {
  const now = numberIn(location.search, "thread");
  if (now === thread) return;
  const began = history.state?.beganThread === true;
  if (thread === null && began) return history.back();
  const address = thread === null ? location.pathname : `${location.pathname}?thread=${thread}${seq ? `&at=${seq}` : ""}`;
  if (thread === null || now !== null) history.replaceState(history.state, "", address);
  else history.pushState({ beganThread: true }, "", address);
}
