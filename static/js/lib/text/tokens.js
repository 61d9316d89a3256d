/* The tokens of a text: links, mentions, names of rooms, emoji of the chat's own, and code, in which there
   are none of them.

   The same rules as in chatapp/text/tokens.py, which says what they are; tests/text/tokens.json has
   examples that hold for both. */

import { hiddenSpans, MAY_HIDE } from "./code.js";
import { nameKey } from "./names.js";

/** A part of a text. `value` is where a link leads, or the key of the name that is meant.
    @typedef {{ kind: "text" | "code" | "link" | "mention" | "room" | "emoji", text: string, value: string }} Token */
/** Where a token is that is more than text.
    @typedef {{ start: number, end: number, kind: Token["kind"], value: string }} Span */
/** @typedef {{ has(name: string): boolean }} Rooms */

/** `@room` and `@all` call all who are in the room. */
export const EVERYONE = ["room", "all"];
const MAX_SIGNS = 100;
const MAX_LOCAL_PART_CHARACTERS = 64;
const MAX_HOST_CHARACTERS = 255;
const MAX_NAME_CHARACTERS = 32;
const MAX_ROOM_NAME_CHARACTERS = 48;

const START = /https?:\/\/|www\.|[@#]|:(?=[a-z0-9_+-]{2,32}:)/giu;
const URL_CHARACTERS =
  /[^\0-\x20\x7f-\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000\ufeff<>"`“”„«»\u3001-\u3004\u3008-\u3020\u3030\uff01-\uff0f\uff1a-\uff20\uff3b-\uff40\uff5b-\uff65]+/uy;
const ENDS_A_SENTENCE = ".,;:!?'’*_~|\\([{…،؛؟।॥۔";
/** @type {Record<string, string>} */
const BRACKETS = { ")": "(", "]": "[", "}": "{" };
const WITHIN_A_HOST = ".-/:@";
const LOCAL_PART = /[A-Za-z0-9._+-]/u;
const USER_ELSEWHERE = new RegExp(`[A-Za-z0-9._+-]{1,${MAX_LOCAL_PART_CHARACTERS}}@`, "uy");
const DOMAIN = /[A-Za-z0-9.-]+/uy;
const TOP_LEVEL = /^(?:xn--[a-z0-9-]+|[a-z]{2,})$/iu;
const OF_WORD = /[\p{L}\p{M}\p{N}]/u;
const SPACELESS =
  /[\u0e00-\u0eff\u1000-\u109f\u1100-\u11ff\u1780-\u17ff\u2e80-\u2fdf\u3005-\u3007\u3040-\u30ff\u3130-\u318f\u31f0-\u31ff\u3400-\u4dbf\u4e00-\u9fff\uac00-\ud7af\uf900-\ufaff\uff66-\uffdc\u{20000}-\u{3ffff}]/u;
const COMBINED = /[\p{M}\u1160-\u11ff]/u;

/** Names that may be mentioned, to find the longest at a place. */
export class Names {
  /** @type {Set<string>} */
  #keys = new Set();
  /** @type {Set<string>} */
  #firsts = new Set();
  /** @type {number[]} */
  #lengths = [];

  /** @param {Iterable<string>} names */
  constructor(names = []) {
    for (const name of [...EVERYONE, ...names]) this.add(name);
  }

  /** @param {string} name */
  add(name) {
    const key = nameKey(name);
    if (!key) return;
    this.#keys.add(key);
    this.#firsts.add(characterAt(key, 0));
    if (!this.#lengths.includes(key.length)) this.#lengths = [...this.#lengths, key.length].sort((a, b) => b - a);
  }

  /** The key of the longest name that stands there, and where it ends.
      @param {string} text @param {number} start */
  at(text, start) {
    const first = characterAt(nameKey(characterAt(text, start)), 0);
    if (!this.#firsts.has(first)) return null;
    const { folded, ends } = foldedFrom(text, start);
    for (const length of this.#lengths) {
      const key = folded.slice(0, length);
      const end = key.length === length && this.#keys.has(key) ? ends[length] : 0;
      if (end && !goesOn(text, end)) return { key, end };
    }
    return null;
  }
}

const NOBODY = new Names();
const NOWHERE = { has: () => false };

/** All parts of a text, in order. `rooms` are the rooms that are linked, by name, and `emoji` those of the
    chat's own.
    @param {string} text @param {Names} [names] @param {Rooms} [rooms] @param {Rooms} [emoji] @returns {Token[]} */
export function tokens(text, names, rooms, emoji) {
  /** @type {Token[]} */
  const parts = [];
  let done = 0;
  for (const { start, end, kind, value } of spans(text, names, rooms, emoji)) {
    if (start > done) parts.push({ kind: "text", text: text.slice(done, start), value: "" });
    parts.push({ kind, text: text.slice(start, end), value });
    done = end;
  }
  if (done < text.length) parts.push({ kind: "text", text: text.slice(done), value: "" });
  return parts;
}

/** Whether a text calls the person of this name, or everyone.
    @param {string | undefined} text @param {string} name @param {Names} [names] */
export function calls(text, name, names = new Names([name])) {
  if (!text?.includes("@")) return false;
  const called = new Set([nameKey(name), ...EVERYONE]);
  return spans(text, names).some(({ kind, value }) => kind === "mention" && called.has(value));
}

/** The tokens of a text that are more than text, in order.
    @param {string} text @param {Names} [names] @param {Rooms} [rooms] @param {Rooms} [emoji] @returns {Span[]} */
export function spans(text, names, rooms, emoji) {
  const hidden = MAY_HIDE.test(text) ? hiddenSpans(text) : [];
  /** @type {Span[]} */
  const found = [];
  let done = 0;
  for (const span of hidden) {
    found.push(...inlineSpans(text, names, rooms, emoji, done, span.start), span);
    done = span.end;
  }
  return [...found, ...inlineSpans(text, names, rooms, emoji, done)];
}

/** The links, mentions, rooms and emoji of a part of a text in which there is no code.
    @param {string} text @param {Names} [names] @param {Rooms} [rooms] @param {Rooms} [emoji] @returns {Span[]} */
export function inlineSpans(text, names = NOBODY, rooms = NOWHERE, emoji = NOWHERE, start = 0, stop = text.length) {
  /** @type {Span[]} */
  const found = [];
  let done = start;
  let mentioned = -1;
  let signs = 0;
  const from = new RegExp(START);
  from.lastIndex = start;
  for (let begun = from.exec(text); begun && begun.index < stop; begun = from.exec(text)) {
    const { 0: sign, index: at } = begun;
    if (at < done || (sign.length === 1 && isEscaped(text, at))) continue;
    /** @type {Span | null} */
    let span = null;
    if (sign === "@") {
      signs += 1;
      if (signs > MAX_SIGNS) continue;
      span = addressAt(text, at, done) ?? handleAt(text, at);
      if (!span) {
        span = mentionAt(text, at, names, mentioned === at - 1);
        if (span) mentioned = span.end;
      }
    } else if (sign === "#") span = roomAt(text, at, rooms);
    else if (sign === ":") span = emojiAt(text, at, emoji);
    else span = linkAt(text, at, sign, stop);
    if (!span || span.end > stop) continue;
    done = span.end;
    if (span.kind !== "text") found.push(span);
  }
  return found;
}

// Links

/** @param {string} text @param {number} at @param {string} sign @param {number} stop @returns {Span | null} */
function linkAt(text, at, sign, stop) {
  const begin = at + sign.length;
  if (!mayBegin(text, at) || begin >= stop || !isOfWord(characterAt(text, begin))) return null;
  const isNamed = sign.endsWith(".");
  if (isNamed && (WITHIN_A_HOST.includes(text[at - 1] ?? " ") || !hasDomain(text, begin, stop))) return null;
  const run = matchAt(URL_CHARACTERS, text, at);
  const end = endOfUrl(text, begin, Math.min(at + run.length, stop));
  const link = text.slice(at, end);
  return { start: at, end, kind: "link", value: isNamed ? `http://${link}` : link };
}

/** Whether a domain stands behind `www.`; it is looked at alone, and is short.
    @param {string} text @param {number} start @param {number} stop */
function hasDomain(text, start, stop) {
  const run = matchAt(URL_CHARACTERS, text.slice(start, Math.min(stop, start + MAX_HOST_CHARACTERS)), 0);
  const host = run.slice(0, endOfUrl(run, 0, run.length));
  return isDomain(host.split(/[/?#:]/u)[0]);
}

/** Without the rest of its sentence: that begins with a bracket which was opened before.
    @param {string} text @param {number} start @param {number} end */
function endOfUrl(text, start, end) {
  /** @type {Record<string, number>} */
  const opened = { "(": 0, "[": 0, "{": 0 };
  for (let at = start; at < end; at += 1) {
    const character = text[at];
    const opening = BRACKETS[character];
    if (character in opened) opened[character] += 1;
    else if (opening && opened[opening] === 0) end = at;
    else if (opening) opened[opening] -= 1;
  }
  while (end > start && ENDS_A_SENTENCE.includes(text[end - 1])) end -= 1;
  return end;
}

/** ana@example.org
    @param {string} text @param {number} at @param {number} done @returns {Span | null} */
function addressAt(text, at, done) {
  const first = Math.max(done, at - MAX_LOCAL_PART_CHARACTERS);
  let start = at;
  while (start > first && LOCAL_PART.test(text[start - 1])) start -= 1;
  while (start < at && "._+-".includes(text[start])) start += 1;
  if (start === at || "@/".includes(text[start - 1] ?? " ") || !mayBegin(text, start)) return null;
  const end = endOfDomain(text, at + 1);
  return end === null ? null : { start, end, kind: "link", value: `mailto:${text.slice(start, end)}` };
}

/** @ana@social.example is somebody elsewhere, and nobody here.
    @param {string} text @param {number} at @returns {Span | null} */
function handleAt(text, at) {
  const user = matchAt(USER_ELSEWHERE, text, at + 1);
  const end = user ? endOfDomain(text, at + 1 + user.length) : null;
  return end === null ? null : { start: at, end, kind: "text", value: "" };
}

/** @param {string} text @param {number} start */
function endOfDomain(text, start) {
  const domain = matchAt(DOMAIN, text, start).replace(/[.-]+$/u, "");
  const end = start + domain.length;
  return isDomain(domain) && !goesOn(text, end) ? end : null;
}

/** @param {string} host */
function isDomain(host) {
  const labels = host.split(".");
  return labels.length > 1 && !labels.includes("") && TOP_LEVEL.test(labels.at(-1) ?? "");
}

// Names

/** `follows` says that what stands before is a mention and a slash, as in @ana/@bo.
    @param {string} text @param {number} at @param {Names} names @param {boolean} follows @returns {Span | null} */
function mentionAt(text, at, names, follows) {
  if (!mayBegin(text, at) || (isInPath(text, at) && !follows)) return null;
  const known = names.at(text, at + 1);
  if (known) return { start: at, end: known.end, kind: "mention", value: known.key };
  const end = endOfWord(text, at + 1);
  return end === at + 1 ? null : { start: at, end, kind: "mention", value: nameKey(text.slice(at + 1, end)) };
}

/** @param {string} text @param {number} at @param {Rooms} rooms @returns {Span | null} */
function roomAt(text, at, rooms) {
  if (!mayBegin(text, at) || "&/#".includes(text[at - 1] ?? " ")) return null;
  const start = at + 1;
  let end = start;
  const stop = Math.min(text.length, start + 2 * MAX_ROOM_NAME_CHARACTERS);
  while (end < stop && ("_-".includes(text[end]) || isOfWord(characterAt(text, end)))) end += characterAt(text, end).length;
  const run = text.slice(start, end);
  const word = text.slice(start, Math.min(end, endOfWord(text, start)));
  const names = [run.replace(/-+$/u, ""), run.replace(/[_-]+$/u, ""), word];
  if (isSpaceless(characterAt(word, 0))) names.push(...beginnings(word));
  for (const name of names) {
    const key = nameKey(name);
    if (name && rooms.has(key)) return { start: at, end: start + name.length, kind: "room", value: key };
  }
  return null;
}

/** @param {string} text @param {number} at @param {Rooms} emoji @returns {Span | null} */
function emojiAt(text, at, emoji) {
  const end = text.indexOf(":", at + 1);
  const value = text.slice(at + 1, end);
  return emoji.has(value) && mayBegin(text, at) ? { start: at, end: end + 1, kind: "emoji", value } : null;
}

/** The shorter ones of a word, the longest first.
    @param {string} word */
function beginnings(word) {
  const characters = [...word];
  return characters.map((_, index) => characters.slice(0, -index - 1).join(""));
}

/** Whether a token may begin there: not within a word, but behind the mark of _emphasis_.
    @param {string} text @param {number} at */
export function mayBegin(text, at) {
  while (at > 0 && text[at - 1] === "_") at -= 1;
  const before = characterBefore(text, at);
  return before === "" || !isOfWord(before) || SPACELESS.test(before);
}

/** Whether a backslash takes the meaning from the sign there; two of them are but signs.
    @param {string} text @param {number} at */
function isEscaped(text, at) {
  let start = at;
  while (start > 0 && text[start - 1] === "\\") start -= 1;
  return (at - start) % 2 === 1;
}

/** @param {string} text @param {number} at */
function isInPath(text, at) {
  return at > 1 && text[at - 1] === "/" && (text[at - 2] === "/" || isOfWord(characterBefore(text, at - 1)));
}

/** Whether the name or word that ends there would be longer.
    @param {string} text @param {number} end */
function goesOn(text, end) {
  const last = characterBefore(text, end);
  if (!isOfWord(last) || SPACELESS.test(last)) return false;
  while (end < text.length && "_-".includes(text[end])) end += 1;
  const next = characterAt(text, end);
  return next !== "" && isOfWord(next) && !SPACELESS.test(next);
}

/** Where the word ends that begins there, which is of one kind of script.
    @param {string} text @param {number} start */
function endOfWord(text, start) {
  let end = start;
  const isSpaceless = SPACELESS.test(characterAt(text, start));
  for (let at = start; at < text.length; ) {
    const character = characterAt(text, at);
    if (isOfWord(character) && SPACELESS.test(character) === isSpaceless) end = at + character.length;
    else if (!"_-".includes(character) || at === start) break;
    at += character.length;
  }
  return end;
}

/** As names are compared, and where in the text each beginning of that ends; 0 where none does.
    @param {string} text @param {number} start */
function foldedFrom(text, start) {
  const window = text.slice(start, start + 4 * MAX_NAME_CHARACTERS);
  let folded = "";
  const ends = [0];
  for (let at = 0; at < window.length && folded.length <= 2 * MAX_NAME_CHARACTERS; ) {
    let end = at + characterAt(window, at).length;
    while (end < window.length && COMBINED.test(characterAt(window, end))) end += characterAt(window, end).length;
    const key = nameKey(window.slice(at, end));
    folded += key;
    for (let index = 1; index <= key.length; index += 1) ends.push(index === key.length ? start + end : 0);
    at = end;
  }
  return { folded, ends };
}

/** Of a script that is written without spaces, or of Hangul.
    @param {string} character */
export function isSpaceless(character) {
  return SPACELESS.test(character);
}

/** @param {string} character */
function isOfWord(character) {
  return OF_WORD.test(character);
}

/** @param {string} text @param {number} at */
export function characterAt(text, at) {
  const code = text.codePointAt(at);
  return code === undefined ? "" : String.fromCodePoint(code);
}

/** @param {string} text @param {number} at */
export function characterBefore(text, at) {
  if (at <= 0) return "";
  const isPair = at > 1 && /[\ud800-\udbff]/.test(text[at - 2]) && /[\udc00-\udfff]/.test(text[at - 1]);
  return text.slice(isPair ? at - 2 : at - 1, at);
}

/** What a sticky expression matches there.
    @param {RegExp} pattern @param {string} text @param {number} at */
function matchAt(pattern, text, at) {
  pattern.lastIndex = at;
  return pattern.exec(text)?.[0] ?? "";
}
