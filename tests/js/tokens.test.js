import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { calls, characterAt, characterBefore, inlineSpans, isSpaceless, Names, spans, tokens } from "../../static/js/lib/text/tokens.js";
import { endOfBlock, endOfFormula } from "../../static/js/lib/text/formulas.js";
import { talkParser } from "../../static/js/lib/markdown/markdown-rules.js";
import markdownIt from "../../node_modules/markdown-it/dist/markdown-it.mjs";

const EXAMPLES = JSON.parse(readFileSync(new URL("../text/tokens.json", import.meta.url), "utf-8"));
const MARKDOWN = JSON.parse(readFileSync(new URL("../text/markdown.json", import.meta.url), "utf-8"));
const names = new Names(EXAMPLES.names);
const rooms = new Set(EXAMPLES.rooms);

test("a text has the tokens that the server finds in it", () => {
  for (const [text, expected] of Object.entries(EXAMPLES.texts)) {
    const found = tokens(text, names, rooms).map(({ kind, text, value }) => (value ? [kind, text, value] : [kind, text]));
    assert.deepEqual(found, expected, JSON.stringify(text));
  }
});

test("somebody is called by the longest name that is known, or with everyone", () => {
  const known = new Names(["Ada", "Ada Lovelace"]);

  assert.equal(calls("@Ada Lovelace", "Ada", known), false);
  assert.equal(calls("@ada lovelace!", "Ada Lovelace", known), true);
  assert.equal(calls("@all", "Ada", known), true);
  assert.equal(calls("`@all`", "Ada", known), false);
  assert.equal(calls(undefined, "Ada", known), false);
});

test("a formatted text is what its server-side copy is, but for how lines break", () => {
  const parser = talkParser(markdownIt, { characterAt, characterBefore, endOfBlock, endOfFormula, inlineSpans, isSpaceless });
  for (const [text, html] of Object.entries(MARKDOWN.texts)) {
    const rendered = parser.render(text, { names: new Names(MARKDOWN.names), emoji: new Set(MARKDOWN.emoji) });
    const flat = (code) => code.replace(/<br>|\n/g, "");
    assert.equal(flat(rendered), flat(html), JSON.stringify(text));
  }
});

/* What the eye sees marked is what is counted and rung, although the one is found in Markdown's tree
   and the other by a walk through the text that knows only what hides a mention. */
test("mentions that are marked in a formatted text are those that are counted", () => {
  const parser = talkParser(markdownIt, { characterAt, characterBefore, endOfBlock, endOfFormula, inlineSpans, isSpaceless });
  const random = randomOf(12);
  const differing = [];
  for (let round = 0; round < ROUNDS; round += 1) {
    const text = Array.from({ length: 1 + random(14) }, () => PIECES[random(PIECES.length)]).join("");
    const counted = spans(text, names, rooms).filter(isName).map(({ start, end }) => text.slice(start, end));
    if (String(markedBy(parser, text)) !== String(counted)) differing.push(text);
  }

  assert.ok(differing.length <= ROUNDS / 500, differing.slice(0, 5).map((text) => JSON.stringify(text)).join("\n"));
});

const ROUNDS = 10_000;
const PIECES = [
  ...["@ana", "@Ada Lovelace", "@田中さん", "给@ana", "@STRASSE", "@김철수님", "#general", "#General-", "@", "#", "ana@x.org", "@ana@x.org"],
  ...["`", "``", "```", "~~~", "\n", "\n\n", "\n```\n", "\n    ", "\n- ", "\n1. ", "\n> ", "[", "](https://x.org/a)", "](", "![", "\t", "  "],
  ...["x", "é", " ", "*", "**", "_", "__", "~~", "\\", "$", "$$", "\n$$\n", "$@ana$", "$$ ", "https://a.org/b", "www.a.org", "(", ")", ".", "|", "/", "。", "「", "」", "<https://x.org>"],
];

/** @param {{ kind: string }} span */
function isName({ kind }) {
  return kind === "mention" || kind === "room";
}

function markedBy(parser, text) {
  const inline = parser.parse(text, { names, rooms }).flatMap(({ children }) => children ?? []);
  return inline.filter((_, index) => ["mention_open", "room_open"].includes(inline[index - 1]?.type)).map(({ content }) => content);
}

/** The same numbers in every run. */
function randomOf(seed) {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1664525) + 1013904223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}
