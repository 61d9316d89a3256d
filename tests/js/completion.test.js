import assert from "node:assert/strict";
import { test } from "node:test";

import { begunAt, emojiLike, peopleLike, roomsLike } from "../../static/js/models/completion.js";

const labels = (found) => found.map(({ label }) => label);

test("a sign at the beginning of a word begins a completion", () => {
  assert.deepEqual(begunAt("hello @an"), { sign: "@", begun: "an", from: 6 });
  assert.deepEqual(begunAt("#"), { sign: "#", begun: "", from: 0 });
  assert.deepEqual(begunAt("(:smi"), { sign: ":", begun: "smi", from: 1 });
});

test("an address, a time and a finished word begin none", () => {
  for (const text of ["me@example", "at 10:30", "a:b", "@ana ", "hello", ":s", ": "]) {
    assert.equal(begunAt(text), null, text);
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
