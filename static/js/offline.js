/* Sees to it that the chat opens without a network, from the first visit on: static/js/worker.js.
   Browsers have it on https and on localhost; elsewhere the chat works as long as the server is there.

   A worker that is new lacks what was loaded before it was there, this page first of all, and fetches
   that. Later it has what is loaded by way of it, and the page anew as one leaves it. */

import { LATER_PART } from "./lib/page/later-part.js";
import { LATER_SHEET } from "./lib/page/sheets.js";
import { CATALOGUE } from "./lib/text/words.js";

const container = navigator.serviceWorker;
/** @type {ServiceWorker | null} */
let asked = null;

/** What the page loads when something opens: without a network, too. */
export const LATER = new URL("./later.js", import.meta.url).href;

const files = () =>
  performance
    .getEntriesByType("resource")
    .map(({ name }) => name)
    .filter((name) => name.startsWith(`${location.origin}/static/`));

/** @param {ServiceWorker | null} worker */
function complete(worker) {
  if (!worker || worker === asked) return;
  asked = worker;
  worker.postMessage({ lacking: [location.href, LATER, LATER_SHEET, LATER_PART, new URL(CATALOGUE, location.href).href, ...new Set(files())] });
  document.documentElement.dataset.offline = "ready";
}

async function begin() {
  container.addEventListener("controllerchange", () => complete(container.controller));
  await container.register("/worker.js");
  const { active } = await container.ready;
  complete(active);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && navigator.onLine) asked?.postMessage({ keep: [location.href] });
  });
}

if (container) addEventListener("load", begin, { once: true });
