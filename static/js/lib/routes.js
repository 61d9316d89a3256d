/* Where a room is, and the names that titles are turned into. */

/** Everybody is in it. */
export const GENERAL = "general";
export const INBOX_PATH = "/inbox";
export const GENERAL_PATHS = ["/", `/rooms/${GENERAL}`];
const MAX_ROOM_NAME_CHARACTERS = 48;

/** @param {string} room */
export function pathOf(room) {
  return room === GENERAL ? "/" : `/rooms/${encodeURIComponent(room)}`;
}

/** The whole address of a message.
    @param {string} room @param {number} seq */
export function linkTo(room, seq) {
  return `${location.origin}${pathOf(room)}?at=${seq}`;
}

/** Where an address of this chat leads: a room, and of a message its number. null for any other.
    @param {string} href */
export function placeAt(href) {
  const { origin, pathname, search } = new URL(href, location.href);
  if (origin !== location.origin || !/^\/(?:rooms\/[^/]+\/?)?$/.test(pathname)) return null;
  const at = Number(new URLSearchParams(search).get("at"));
  return { room: roomAt(pathname), seq: Number.isSafeInteger(at) && at > 0 ? at : null };
}

/** @param {string} path */
export function roomAt(path) {
  const found = /^\/rooms\/([^/]+)\/?$/.exec(path);
  return found ? decodeURIComponent(found[1]) : GENERAL;
}

/** "Café & Kuchen!" is the room café-kuchen. "" where no letter or digit is left.
    @param {string} title */
export function roomNameOf(title) {
  return Array.from(title.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}\p{M}_]+/gu, "-"))
    .slice(0, MAX_ROOM_NAME_CHARACTERS)
    .join("")
    .replace(/^-+|-+$/g, "");
}
