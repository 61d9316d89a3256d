/* The name that the title of a new room is turned into, which is also its address. */

const MAX_ROOM_NAME_CHARACTERS = 48;

/** "Café & Kuchen!" is the room café-kuchen. "" where no letter or digit is left.
    @param {string} title */
export function roomNameOf(title) {
  return Array.from(title.normalize("NFKC").toLowerCase().replace(/[^\p{L}\p{N}\p{M}_]+/gu, "-"))
    .slice(0, MAX_ROOM_NAME_CHARACTERS)
    .join("")
    .replace(/^-+|-+$/g, "");
}
