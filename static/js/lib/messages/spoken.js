/* What a message says to those who listen: plain words, without the signs that only the eye reads.

   Of a link without words one hears where it leads, of a call the name, of a block of code how long
   it is; what is struck out is said to be. A long text is heard only from its beginning: whoever
   wants all of it goes to the message. */

import { beginning } from "../text/texts.js";
import { t } from "../text/words.js";

const BLOCKS = "p, li, tr, pre, blockquote, td, th";
const SHORTCODE = /(?<![\p{L}\p{N}:]):([a-z][a-z0-9_+-]*):(?![\p{L}\p{N}:])/gu;
const ENDS_A_SENTENCE = /[.,;:!?…。！？،؛؟]$/u;
const CHARACTERS_AT_MOST = 500;
const LONGEST_WORD_CHARACTERS = 40;

/** What it takes to say who is called and which room is meant.
    @typedef {{ called(name: string): string, titled(room: string): string }} Speaker */

/** The words of a text that message-text.js has made nodes of.
    @param {Element} node @param {Speaker} speaker */
export function spoken(node, speaker) {
  const sentences = wordsOf(node, speaker)
    .split("\n")
    .map((line) => line.replace(/\s+/gu, " ").trim())
    .filter(Boolean);
  const all = sentences.map((line, index) => (index < sentences.length - 1 ? ended(line) : line)).join(" ");
  const heard = beginning(all, CHARACTERS_AT_MOST);
  return heard === all ? all : `${upToAWord(heard)} …`;
}

/** Without the word that was cut through; not every script has spaces between its words.
    @param {string} text */
function upToAWord(text) {
  const end = text.lastIndexOf(" ");
  return end > text.length - LONGEST_WORD_CHARACTERS ? text.slice(0, end) : text;
}

/** @param {Node} node @param {Speaker} speaker @returns {string} */
function wordsOf(node, speaker) {
  if (!(node instanceof Element)) return withoutColons(node.textContent ?? "");
  if (node.matches(".command, .code > :not(pre)")) return "";
  if (node.matches("pre")) return `\n${codeOf(node.textContent.trim())}\n`;
  if (node.matches("code")) return node.textContent;
  if (node instanceof HTMLImageElement) return withoutColons(node.alt);
  if (node instanceof HTMLElement && node.matches(".mention")) return calledBy(node, speaker);
  const text = [...node.childNodes].map((child) => wordsOf(child, speaker)).join("");
  if (node.matches("s")) return t("spoken.struck", { text });
  if (node instanceof HTMLAnchorElement) return linkOf(node, text);
  return node.matches(BLOCKS) ? `\n${text}\n` : text;
}

/** ":red_heart:" that nobody made an emoji of.
    @param {string} text */
function withoutColons(text) {
  return text.replace(SHORTCODE, (_, name) => name.replaceAll("_", " "));
}

/** @param {string} code */
function codeOf(code) {
  const lines = code.split("\n");
  return lines.length === 1 ? code : t("spoken.code", { count: lines.length });
}

/** @param {HTMLElement} mention @param {Speaker} speaker */
function calledBy({ dataset: { room }, textContent }, { called, titled }) {
  return room ? titled(room) : called(textContent.slice(1));
}

/** @param {HTMLAnchorElement} link @param {string} text */
function linkOf({ hostname, href }, text) {
  const place = hostname || href.replace("mailto:", "");
  return URL.canParse(text) ? t("spoken.link", { place }) : t("spoken.linked", { text });
}

/** @param {string} line */
function ended(line) {
  return ENDS_A_SENTENCE.test(line) ? line : `${line}.`;
}
