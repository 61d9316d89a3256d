/** All emoji with their names, loaded when they are asked for the first time; the browser keeps them
   in its own database.

   @typedef {{ emoji: string, name: string, shortcode: string }} Emoji
   @typedef {{ unicode: string, annotation: string, shortcodes?: string[] }} Found

   What we use of its database:
   @typedef {{
     ready(): Promise<void>,
     getEmojiBySearchQuery(query: string): Promise<Found[]>,
     getEmojiByShortcode(code: string): Promise<Found | null>,
     getEmojiByGroup(group: number): Promise<Found[]>,
     getTopFavoriteEmoji(most: number): Promise<Found[]>,
     incrementFavoriteEmojiCount(emoji: string): Promise<void>,
   }} Database */

const DATA = new URL("../../vendor/emoji-picker-element-data/data.json", import.meta.url).href;
const DATABASE = "../../vendor/emoji-picker-element/database.js";
const FAVOURITES_AT_MOST = 24;

/** @type {Promise<Database> | null} */
let database = null;

/** Those whose names or tags begin with the words of a query, two letters and more; first the one with
    this shortcode, then those whose shortcode begins so.
    @param {string} query */
export async function findEmoji(query) {
  const begun = query.toLowerCase();
  const exact = await emojiNamed(begun);
  const found = named(await (await opened()).getEmojiBySearchQuery(query)).filter(({ emoji }) => emoji !== exact?.emoji);
  /** @param {Emoji} emoji */
  const isNear = ({ shortcode }) => shortcode.startsWith(begun);
  return [...(exact ? [exact] : []), ...found.filter(isNear), ...found.filter((each) => !isNear(each))];
}

/** The one with this shortcode; null where there is none.
    @param {string} code @returns {Promise<Emoji | null>} */
export async function emojiNamed(code) {
  const found = await (await opened()).getEmojiByShortcode(code);
  return found ? { ...named([found])[0], shortcode: code } : null;
}

/** @param {number} group */
export async function emojiOfGroup(group) {
  return (await opened()).getEmojiByGroup(group).then(named);
}

export async function favouriteEmoji() {
  return (await opened()).getTopFavoriteEmoji(FAVOURITES_AT_MOST).then(named);
}

/** @param {string} emoji */
export async function usedEmoji(emoji) {
  await (await opened()).incrementFavoriteEmojiCount(emoji);
}

async function opened() {
  database ??= import(DATABASE).then(({ default: Database }) => new Database({ dataSource: DATA }));
  try {
    const found = await database;
    await found.ready();
    return found;
  } catch (error) {
    database = null; // Asked for again next time: the network may be back.
    throw error;
  }
}

/** @param {Found[]} found @returns {Emoji[]} */
function named(found) {
  return found.map(({ unicode, annotation, shortcodes }) => ({
    emoji: unicode,
    name: annotation,
    shortcode: shortcodes?.[0] ?? annotation.replaceAll(" ", "_"),
  }));
}
