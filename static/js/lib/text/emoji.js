/** All emoji with their names, loaded when they are asked for the first time; the browser keeps them
   in its own database. Those of the chat's own are `:name:`, with the address of a picture; whoever imports
   this module hands them over (emoji-names.js).

   @typedef {{ emoji: string, name: string, shortcode: string, picture?: string }} Emoji
   @typedef {{ unicode: string, annotation: string, shortcodes?: string[] }} Standard
   @typedef {{ name: string, shortcodes: string[], url: string }} Own
   @typedef {Standard | Own} Found

   What we use of its database:
   @typedef {{
     ready(): Promise<void>,
     getEmojiBySearchQuery(query: string): Promise<Found[]>,
     getEmojiByShortcode(code: string): Promise<Found | null>,
     getEmojiByGroup(group: number): Promise<Found[]>,
     getTopFavoriteEmoji(most: number): Promise<Found[]>,
     incrementFavoriteEmojiCount(emoji: string): Promise<void>,
     customEmoji: Own[],
   }} Database */

const DATA = new URL("../../../vendor/emoji-picker-element-data/data.json", import.meta.url).href;
const DATABASE = "../../../vendor/emoji-picker-element/database.js";
const FAVOURITES_AT_MOST = 24;

/** @type {Promise<Database> | null} */
let database = null;

/** The chat has these emoji of its own.
    @param {Pick<import("../../wire.js").CustomEmoji, "name" | "aliases" | "sha256">[]} own */
export async function takeOwn(own) {
  const database = await opened();
  database.customEmoji = own.map(({ name, aliases = [], sha256 }) => ({ name, shortcodes: [name, ...aliases], url: `/emoji/${sha256}` }));
}

/** Those of the chat's own. */
export async function ownByName() {
  return named((await opened()).customEmoji);
}

/** Those whose names or tags begin with the words of a query, two letters and more; first the one with
    this shortcode, then those whose shortcode begins so.
    @param {string} query */
export async function findEmoji(query) {
  const begun = query.toLowerCase();
  const exact = await emojiNamed(begun);
  const all = new Map(named(await (await opened()).getEmojiBySearchQuery(query)).map((each) => [each.emoji, each])); // The chat's own can come twice.
  const found = [...all.values()].filter(({ emoji }) => emoji !== exact?.emoji);
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
  await (await opened()).incrementFavoriteEmojiCount(/^:(.+):$/u.exec(emoji)?.[1] ?? emoji);
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
  return found.map((each) => {
    if ("url" in each) return { emoji: `:${each.name}:`, name: `:${each.name}:`, shortcode: each.name, picture: each.url };
    const { unicode, annotation, shortcodes } = each;
    return { emoji: unicode, name: annotation, shortcode: shortcodes?.[0] ?? annotation.replaceAll(" ", "_") };
  });
}
