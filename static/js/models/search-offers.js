/* What the operator at the end of a search may go on with: names behind from:, rooms behind in:. Pure:
   it is given the text, who and what there is, and how that is found, which the page knows already.
   Loaded when somebody searches. */

const BEGUN = /(?:^|\s)-?(?<key>from|in|has):(?<quote>["“]?)(?<sign>[@#]?)(?<begun>[^\s"“”:]*)$/iu;
const ME = "me";
const AT_MOST = 6;

/** `label` and `hint` are shown, `text` is the search with it.
    @typedef {{ label: string, hint: string, text: string }} Offer */
/** @typedef {{ names: string[], rooms: { name: string, title: string }[], shown: (name: string) => string }} Known */

/** @typedef {Pick<typeof import("./completion.js"), "peopleLike" | "roomsLike">} Completion */

/** None where what was typed is a name already.
    @param {string} text @param {Known} known @param {Completion} completion @returns {Offer[]} */
export function offersFor(text, { names, rooms, shown }, { peopleLike, roomsLike }) {
  const { key = "", quote = "", sign = "", begun = "" } = BEGUN.exec(text)?.groups ?? {};
  const before = text.slice(0, text.length - (quote + sign + begun).length);
  const found = {
    "": [],
    has: "link".startsWith(begun.toLowerCase()) ? [{ name: "link", hint: "" }] : [],
    from: peopleLike(begun, [ME, ...names], shown).map(({ insert, hint }) => ({ name: insert.slice(1), hint })),
    in: roomsLike(begun, rooms).map(({ insert, hint }) => ({ name: insert.slice(1), hint: hint ?? "" })),
  }[key.toLowerCase()];
  const isWhole = found?.some(({ name }) => name.toLowerCase() === begun.toLowerCase());
  if (!found || isWhole) return [];
  return found
    .filter(({ name }) => name !== "room") // Everyone is called by it, and wrote nothing.
    .slice(0, AT_MOST)
    .map(({ name, hint }) => ({ label: `${key}:${name}`, hint, text: `${before}${quoted(name)} ` }));
}

/** @param {string} name */
function quoted(name) {
  return /\s/u.test(name) ? `"${name}"` : name;
}
