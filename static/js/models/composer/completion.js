/* What can be completed where one writes: @person, #room, :emoji:. Pure: it is given a text and a
   place in it, and who and what there is. */

import { folded } from "../../lib/search/folded.js";
import { mayBegin, spans } from "../../lib/text/tokens.js";

const BEGUN = /(?<sign>[@#:])(?<begun>[\p{L}\p{M}\p{N}_+-]*)$/u;
const BEGUN_NAME = /(?<sign>@)(?<begun>[\p{L}\p{M}\p{N}_+-]+(?: [\p{L}\p{M}\p{N}_+-]+){1,3})$/u; // of several words
const COMMAND = /^\/[\p{L}\p{N}_-]*$/u;
const SHORTCODE = /:(?<code>[a-z0-9_+-]{2,}):$/u;
const SHORTEST_EMOJI_NAME = 2;
const AT_MOST = 8;
const EVERYONE = "room";

/** What is being written at the end of a text: `{sign, begun, from}`, or null.
    @param {string} text */
export function begunAt(text) {
  if (COMMAND.test(text)) return { sign: "/", begun: text.slice(1), from: 0 };
  const found = BEGUN.exec(text) ?? BEGUN_NAME.exec(text);
  if (!found?.groups) return null;
  const { sign, begun } = found.groups;
  const from = text.length - begun.length - 1;
  if (sign === ":" && begun.length < SHORTEST_EMOJI_NAME) return null;
  return mayBegin(text, from) && !isInCode(text) ? { sign, begun, from } : null;
}

/** The emoji that was typed out at the end of a text, as in ":fire:": `{code, from}`, or null.
    @param {string} text */
export function shortcodeAt(text) {
  const code = SHORTCODE.exec(text)?.groups?.code;
  const from = text.length - (code?.length ?? 0) - 2;
  return code && mayBegin(text, from) && !isInCode(text) ? { code, from } : null;
}

/** The emoji that are named in a text from a place on, the last one first: `{code, from}`.
    @param {string} text @param {number} start */
export function shortcodesFrom(text, start) {
  const ends = [...text.slice(start).matchAll(/:(?=\s|$|\p{P})/gu)].map(({ index }) => start + index + 1);
  const found = ends.flatMap((end) => shortcodeAt(text.slice(0, end)) ?? []);
  return found.filter(({ from }) => from >= start).reverse();
}

/** Whether what is typed next is code.
    @param {string} text */
function isInCode(text) {
  return spans(text).some(({ kind, end }) => kind === "code" && end === text.length);
}

/** People of whose names or display names one begins so, or has a word that does: `{label, hint,
    insert}`. A mention is always by name. `says(name)`: what they say of themselves.
    @param {string} begun @param {string[]} names @param {(name: string) => string} shown */
export function peopleLike(begun, names, shown = (name) => name, says = (/** @type {string} */ _name) => "") {
  const byBoth = new Map([...names, EVERYONE].map((name) => [bothNames(name, shown(name)), name]));
  return like(begun, [...byBoth.keys()]).map((both) => {
    const name = byBoth.get(both) ?? "";
    const hint = [shown(name) === name ? "" : shown(name), says(name)].filter(Boolean).join(" ");
    return { label: `@${name}`, hint, insert: `@${name}` };
  });
}

/** @param {string} name @param {string} shown */
function bothNames(name, shown) {
  return shown === name ? name : `${name} ${shown}`;
}

/** Rooms, `{name, title}`, that are called so.
    @param {string} begun @param {{ name: string, title: string }[]} rooms */
export function roomsLike(begun, rooms) {
  const byName = new Map(rooms.map((room) => [room.name, room]));
  return like(begun, [...byName.keys()]).map((name) => ({
    label: `#${name}`,
    hint: byName.get(name)?.title,
    insert: `#${name}`,
  }));
}

/** Emoji, `{emoji, shortcode}`, as they were found.
    @param {import("../../lib/text/emoji.js").Emoji[]} found */
export function emojiLike(found) {
  return found
    .slice(0, AT_MOST)
    .map(({ emoji, shortcode, picture }) => ({ label: emoji, hint: `:${shortcode}:`, insert: emoji, ...(picture && { picture }) }));
}

/** @param {string} begun @param {string[]} names */
function like(begun, names) {
  const start = folded(begun);
  const first = names.filter((name) => folded(name).startsWith(start));
  const later = names.filter((name) => !first.includes(name) && hasWord(folded(name), start));
  return [...first, ...later].slice(0, AT_MOST);
}

/** @param {string} name @param {string} start */
function hasWord(name, start) {
  return name.split(/[\s_-]/u).some((word) => word.startsWith(start));
}

