import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { inShort, isInFence, isLong, withoutMarks } from "../../static/js/lib/text/texts.js";
import { commandOf, said } from "../../static/js/models/composer/slash.js";

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
  const cases = JSON.parse(readFileSync(new URL("../text/long.json", import.meta.url), "utf8"));
  for (const { why, text, long } of cases) assert.equal(isLong(text), long, why);
});

test("however many marks a text has, what it costs grows with its length alone", () => {
  for (const mark of ["*a\t", "_a ", "[", "[a](", "\n", "\r", "\t", "`", "~~", ">"]) {
    const began = process.cpuUsage().user;
    withoutMarks(mark.repeat(16_384 / mark.length));
    assert.ok(process.cpuUsage().user - began < 500_000, JSON.stringify(mark));
  }
});

test("a block of code is open until a line closes it", () => {
  for (const text of ["```", "```js", "look:\n```\none", "~~~\none\n```", "````\n```", "```\na\n```\n```"]) {
    assert.equal(isInFence(text), true, text);
  }
  for (const text of ["", "text", "```\none\n```", "```one```", "~~~\none\n~~~~", "a ``` b"]) {
    assert.equal(isInFence(text), false, text);
  }
});

test("a command has a name and a rest; /me, paths and two slashes are texts", () => {
  assert.deepEqual(commandOf("/Invite  Björn "), { name: "invite", rest: "Björn" });
  assert.deepEqual(commandOf("/remind\nme"), { name: "remind", rest: "me" });
  assert.deepEqual(commandOf("/colour"), { name: "colour", rest: "" });
  assert.deepEqual(commandOf("/8-ball_2 me"), { name: "8-ball_2", rest: "me" });
  for (const text of ["/me waves", "/ME waves", "/etc/hosts is broken", "//invite", "/", "/ a", "/1", "and /invite"]) {
    assert.equal(commandOf(text), null, text);
  }
  assert.equal(said("//invite Björn"), "/invite Björn");
  assert.equal(said("// a remark"), "// a remark");
  assert.equal(said("//cdn.example/x.js"), "//cdn.example/x.js");
});
