import assert from "node:assert/strict";
import { test } from "node:test";

import { begunAt, emojiLike, peopleLike, roomsLike, shortcodeAt } from "../../static/js/models/composer/completion.js";

const labels = (found) => found.map(({ label }) => label);

test("a sign at the beginning of a word begins a completion", () => {
  assert.deepEqual(begunAt("hello @an"), { sign: "@", begun: "an", from: 6 });
  assert.deepEqual(begunAt("#"), { sign: "#", begun: "", from: 0 });
  assert.deepEqual(begunAt("(:smi"), { sign: ":", begun: "smi", from: 1 });
  assert.deepEqual(begunAt("交给@an"), { sign: "@", begun: "an", from: 2 });
});

test("an address, a time and a finished word begin none", () => {
  for (const text of ["me@example", "at 10:30", "a:b", "@ana ", "hello", ":s", ": ", "```\n@an"]) {
    assert.equal(begunAt(text), null, text);
  }
});

test("a shortcode that was typed out is an emoji, but not in code or within a word", () => {
  assert.deepEqual(shortcodeAt("so :fire:"), { code: "fire", from: 3 });
  for (const text of ["so :fire: ", "a:fire:", "```\n:fire:", "10:20:30:", ":f:", "https://a.example:80:"]) {
    assert.equal(shortcodeAt(text), null, text);
  }
});

test("people are found by the beginnings of their names, whatever the accents", () => {
  const names = ["Ana", "Björn", "Maria Anders", "Ánxel"];

  assert.deepEqual(labels(peopleLike("an", names)), ["@Ana", "@Ánxel", "@Maria Anders"]);
  assert.deepEqual(labels(peopleLike("bjo", names)), ["@Björn"]);
  assert.deepEqual(labels(peopleLike("ro", names)), ["@room"]);
});

test("rooms are found by name and say their title", () => {
  const rooms = [{ name: "design", title: "Design" }, { name: "web-design", title: "Web" }];

  assert.deepEqual(roomsLike("des", rooms), [
    { label: "#design", hint: "Design", insert: "#design" },
    { label: "#web-design", hint: "Web", insert: "#web-design" },
  ]);
});

test("an emoji is inserted itself, not its name", () => {
  assert.deepEqual(emojiLike([{ emoji: "🍕", shortcode: "pizza" }]), [
    { label: "🍕", hint: ":pizza:", insert: "🍕" },
  ]);
});

test("names of several words are completed to their end", () => {
  const names = ["Ada Lovelace", "Ada Byron King", "ana"];
  const found = (text) => peopleLike(begunAt(text)?.begun ?? "?", names).map(({ insert }) => insert);

  assert.deepEqual(found("hi @Ada Lo"), ["@Ada Lovelace"]);
  assert.deepEqual(found("@ada byron k"), ["@Ada Byron King"]);
  assert.deepEqual(found("@ana is here"), []);
  assert.deepEqual(begunAt("@ada byron k"), { sign: "@", begun: "ada byron k", from: 0 });
});
