import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { inShort, isLong } from "../../static/js/lib/texts.js";

const CASES = JSON.parse(readFileSync(new URL("../page/in_short.json", import.meta.url), "utf-8"));

test("a text in short is one line of plain words; the server says the same", () => {
  for (const [text, short] of Object.entries(CASES)) assert.equal(inShort(text), short);
  assert.equal(inShort("word ".repeat(1000)).length, 200);
  assert.equal(inShort("x" + "😀".repeat(300)), "x" + "😀".repeat(199));
  assert.equal(inShort("/me " + "*a ".repeat(5000)), "*a ".repeat(67).slice(0, 200));
});

test("a text that would fill the screen is long", () => {
  assert.equal(isLong("x".repeat(1800)), false);
  assert.equal(isLong("x".repeat(1801)), true);
  assert.equal(isLong("😀".repeat(1800)), false);
  assert.equal(isLong("😀".repeat(1801)), true);
  assert.equal(isLong("\n".repeat(25)), false);
  assert.equal(isLong("\n".repeat(26)), true);
});
