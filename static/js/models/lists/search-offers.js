/* What a search may go on with. Behind an operator: names after from:, rooms after in:, days after after:
   and before:. Behind a single word: the people and rooms that are called so. Pure: it is given the text,
   who and what there is, and how that is found, which the page knows already. */

import { HAS, withFilter } from "../../lib/search/query.js";
import { t } from "../../lib/text/words.js";

const BEGUN = /(?:^|\s)-?(?<key>from|in|has|after|before):["“]?[@#]?(?<begun>[^\s"“”:]*)$/iu;
const WORD = /^\s*[\p{L}\p{N}]{2,}$/u;
const ME = "me";
const EVERYONE = "room"; // is called so, and wrote nothing
const AT_MOST = 6;
const OF_EACH_BY_WORD = 1;

/** `label` and `hint` are shown, `text` is the search with it.
    @typedef {{ label: string, hint: string, text: string }} Offer */
/** `days`: those that one may mean, such as {day: "2026-11-22", hint: "Yesterday"}.
    @typedef {{ names: string[], rooms: { name: string, title: string }[], days: { day: string, hint: string }[],
      shown: (name: string) => string }} Known */
/** @typedef {Pick<typeof import("../composer/completion.js"), "peopleLike" | "roomsLike">} Completion */
/** @typedef {{ name: string, hint: string }} Found */

/** None where what was typed is a name already.
    @param {string} text @param {Known} known @param {Completion} completion @returns {Offer[]} */
export function offersFor(text, known, completion) {
  const finders = findersFor(known, completion);
  if (WORD.test(text)) return offersForWord(text.trim(), finders);
  const { key: typed = "", begun = "" } = BEGUN.exec(text)?.groups ?? {};
  const key = /** @type {import("../../lib/search/query.js").Key} */ (typed.toLowerCase());
  const found = finders[key]?.(begun) ?? [];
  if (found.some(({ name }) => name.toLowerCase() === begun.toLowerCase())) return [];
  const before = text.slice(0, text.length - begun.length).replace(/["“]?[@#]?$/u, "");
  const isDay = key === "after" || key === "before";
  return found.slice(0, AT_MOST).map(({ name, hint }) => ({
    label: isDay ? hint : `${key}:${name}`,
    hint: isDay ? name : hint,
    text: `${before}${withFilter("", key, name).slice(key.length + 1)} `,
  }));
}

/** Whom and what a single word may mean, beside being said.
    @param {string} word @param {ReturnType<typeof findersFor>} finders @returns {Offer[]} */
function offersForWord(word, finders) {
  return /** @type {const} */ (["from", "in"]).flatMap((key) =>
    finders[key](word)
      .filter(({ name }) => name !== ME)
      .slice(0, OF_EACH_BY_WORD)
      .map(({ name, hint }) => ({ label: `${key}:${name}`, hint, text: `${withFilter("", key, name)} ` })),
  );
}

/** @param {Known} known @param {Completion} completion */
function findersFor({ names, rooms, days, shown }, { peopleLike, roomsLike }) {
  const daysLike = (/** @type {string} */ begun) =>
    days.filter(({ day }) => day.startsWith(begun)).map(({ day, hint }) => ({ name: day, hint }));
  return {
    from: (/** @type {string} */ begun) => foundOf(peopleLike(begun, [ME, ...names], shown)).filter(({ name }) => name !== EVERYONE),
    in: (/** @type {string} */ begun) => foundOf(roomsLike(begun, rooms)),
    has: (/** @type {string} */ begun) => HAS.filter((what) => what.startsWith(begun.toLowerCase())).map((name) => ({ name, hint: t(`has.${name}`) })),
    file: () => [],
    thread: () => [],
    is: () => [],
    after: daysLike,
    before: daysLike,
  };
}

/** @param {{ insert: string, hint?: string }[]} completions @returns {Found[]} */
function foundOf(completions) {
  return completions.map(({ insert, hint }) => ({ name: insert.slice(1), hint: hint ?? "" }));
}
