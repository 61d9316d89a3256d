/* The service worker, at /worker.js: lets the chat open without a network, as it was last.

   The network always comes first, so nobody is ever served yesterday's code; what it gives is
   kept, and only stands in where it gives nothing. The server writes the version of its files
   into the first line: with another one the worker is another one, and begins with an empty cache.

   Kept are what lies under /static and the pages of rooms. A room whose page is not there gets that of
   another: it goes by its address, and has the last messages from elsewhere. Whoever goes away, or
   is asked who they are, leaves no page behind. The page says which rooms one sees, and in which
   epoch: the pages of others go too. */

const worker = /** @type {ServiceWorkerGlobalScope} */ (/** @type {unknown} */ (self));
const CACHE = `chat-${VERSION}`;
const HOME = "/";
const isRoom = (/** @type {string} */ path) => path === HOME || path.startsWith("/rooms/");
const isStatic = (/** @type {string} */ path) => path.startsWith("/static/");
/** Forms after which somebody else may be here. */
const ANOTHER_PERSON = /^\/(?:leave|logout|login|name|(?:invite|reset|setup)\/.+)$/;
let visit = new AbortController(); // Of who is here: what is on its way for them ends when they go away.

worker.addEventListener("install", () => worker.skipWaiting());

worker.addEventListener("activate", (event) => {
  event.waitUntil(forgetOthers().then(() => worker.clients.claim()));
});

/* What the page had loaded before the worker was there; and, as one leaves it, the page anew. */
worker.addEventListener("message", (event) => {
  const { keep, lacking, forget, epoch, paths } = event.data;
  if (keep) event.waitUntil(keepAll(keep));
  if (lacking) event.waitUntil(missing(lacking).then(keepAll));
  if (forget) event.waitUntil(forgetPages((path) => path === forget));
  if (epoch) event.waitUntil(forgetPages((path, text) => paths?.includes(path) === false || !text.includes(epoch)));
});

worker.addEventListener("fetch", (event) => {
  const { request } = event;
  const { origin, pathname } = new URL(request.url);
  if (origin !== worker.location.origin) return;
  if (request.method === "POST" && ANOTHER_PERSON.test(pathname)) return void endVisit();
  if (request.method !== "GET") return;
  if (request.mode === "navigate" && isRoom(pathname)) event.respondWith(page(event));
  else if (isStatic(pathname)) event.respondWith(file(event));
});

/** What the network gives goes to the page at once; keeping it is nobody's hurry.
    @param {FetchEvent} event */
async function page(event) {
  const { request } = event;
  try {
    const answer = await fetch(request);
    event.waitUntil(keepPage(request.url, answer.clone()));
    return answer;
  } catch (error) {
    const kept = await keptPage(request.url);
    if (kept) return kept;
    throw error;
  }
}

/** @param {FetchEvent} event */
async function file(event) {
  const { request } = event;
  try {
    const answer = await fetch(request);
    event.waitUntil(keepFile(request.url, answer.clone()));
    return answer;
  } catch (error) {
    const kept = await caches.match(request.url);
    if (kept) return kept;
    throw error;
  }
}

/** That of the room, of the first room, or of any.
    @param {string} url */
async function keptPage(url) {
  const cache = await caches.open(CACHE);
  const others = (await cache.keys()).filter((request) => isRoom(new URL(request.url).pathname));
  for (const room of [url, HOME, ...others]) {
    const kept = await cache.match(room, { ignoreSearch: true });
    if (kept) return kept;
  }
}

/** Those that are not kept yet.
    @param {string[]} urls */
async function missing(urls) {
  const cache = await caches.open(CACHE);
  const kept = await Promise.all(urls.map((url) => cache.match(url, { ignoreSearch: isRoom(new URL(url).pathname) })));
  return urls.filter((_, index) => !kept[index]);
}

/** @param {string[]} urls */
async function keepAll(urls) {
  await Promise.all(urls.map(keepOne));
}

/** Files need no cookie, and an answer to one must not bring it back to somebody who goes away
    meanwhile.
    @param {string} url */
async function keepOne(url) {
  const { signal } = visit;
  try {
    if (isRoom(new URL(url).pathname)) await keepPage(url, await fetch(url, { signal }));
    else await keepFile(url, await fetch(url, { credentials: "omit" }));
  } catch {
    // Without a network, or for who has gone, there is nothing newer to keep.
  }
}

/** A page that came by way of "who are you?" is nobody's to keep.
    @param {string} url @param {Response} answer */
async function keepPage(url, answer) {
  if (answer.redirected || answer.type === "opaqueredirect") await endVisit();
  else if (answer.ok) await (await caches.open(CACHE)).put(withoutQuery(url), answer);
}

/** @param {string} url @param {Response} answer */
async function keepFile(url, answer) {
  if (answer.ok) await (await caches.open(CACHE)).put(url, answer);
}

async function endVisit() {
  visit.abort();
  visit = new AbortController();
  await forgetPages();
}

async function forgetPages(isGone = (/** @type {string} */ _path, /** @type {string} */ _text) => true) {
  const cache = await caches.open(CACHE);
  for (const request of await cache.keys()) {
    const { pathname } = new URL(request.url);
    if (!isRoom(pathname)) continue;
    const text = (await (await cache.match(request))?.text()) ?? "";
    if (isGone(pathname, text)) await cache.delete(request);
  }
}

async function forgetOthers() {
  for (const name of await caches.keys()) if (name !== CACHE) await caches.delete(name);
}

/** @param {string} url */
function withoutQuery(url) {
  return url.split("?")[0];
}
