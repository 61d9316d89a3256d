/* Sees to it that the chat opens without a network: static/js/worker.js. Browsers have it on https
   and on localhost; elsewhere the chat works as long as the server is there.

   The page itself is kept as one leaves it, and whenever it is loaded by way of the worker. */

const files = () =>
  performance
    .getEntriesByType("resource")
    .map(({ name }) => name)
    .filter((name) => name.startsWith(`${location.origin}/static/`));

async function keepWhatIsLoaded() {
  await navigator.serviceWorker.register("/worker.js");
  const { active } = await navigator.serviceWorker.ready;
  active?.postMessage({ keep: [...new Set(files())] });
  document.documentElement.dataset.offline = "ready";
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && navigator.onLine) active?.postMessage({ keep: [location.href] });
  });
}

if (navigator.serviceWorker) addEventListener("load", keepWhatIsLoaded, { once: true });
