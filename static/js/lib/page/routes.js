/* Where a room is. */

/** Everybody is in it. */
export const GENERAL = "general";
export const GENERAL_PATHS = ["/", `/rooms/${GENERAL}`];

/** @param {string} room */
export function pathOf(room) {
  return room === GENERAL ? "/" : `/rooms/${encodeURIComponent(room)}`;
}

/** The whole address of a message, in a room or in a thread of it.
    @param {string} room @param {number} seq @param {number} [thread] */
export function linkTo(room, seq, thread) {
  return `${location.origin}${pathOf(room)}?${thread ? `thread=${thread}&` : ""}at=${seq}`;
}

/** Where an address of this chat leads: a room, and of a message or a thread its number. null for any other.
    @param {string} href */
export function placeAt(href) {
  const { origin, pathname, search } = new URL(href, location.href);
  if (origin !== location.origin || !/^\/(?:rooms\/[^/]+\/?)?$/.test(pathname)) return null;
  return { room: roomAt(pathname), seq: numberIn(search, "at"), thread: numberIn(search, "thread") };
}

/** The seq that an address has under a name, or null.
    @param {string} search @param {"at" | "thread"} name */
export function numberIn(search, name) {
  const seq = Number(new URLSearchParams(search).get(name));
  return Number.isSafeInteger(seq) && seq > 0 ? seq : null;
}

/** @param {string} path */
export function roomAt(path) {
  const found = /^\/rooms\/([^/]+)\/?$/.exec(path);
  return found ? decodeURIComponent(found[1]) : GENERAL;
}
