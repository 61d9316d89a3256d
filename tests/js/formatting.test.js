import assert from "node:assert/strict";
import { test } from "node:test";

import { begun, linked, marked, nextLine } from "../../static/js/lib/markdown/formatting.js";

/** A text with what is selected between ‹ and ›. */
function given(shown) {
  const [before, within, behind] = shown.split(/[‹›]/u);
  return { text: before + within + behind, start: before.length, end: before.length + within.length };
}

function done(shown, step) {
  const field = given(shown);
  const change = step(field);
  if (!change) return null;
  const text = field.text.slice(0, change.from) + change.insert + field.text.slice(change.to);
  const [start, end] = change.select;
  return `${text.slice(0, start)}‹${text.slice(start, end)}›${text.slice(end)}`;
}

test("marks are put around what is selected, and taken away again", () => {
  for (const [before, mark, after] of [
    ["a ‹b› c", "**", "a **‹b›** c"],
    ["a **‹b›** c", "**", "a ‹b› c"],
    ["a **‹b›** c", "*", "a ***‹b›*** c"],
    ["a ***‹b›*** c", "**", "a *‹b›* c"],
    ["a ***‹b›*** c", "*", "a **‹b›** c"],
    ["a ‹ b ›c", "~~", "a  ~~‹b›~~ c"],
    ["‹›", "**", "**‹›**"],
    ["**‹›**", "**", "‹›"],
    ["‹x = 1\ny = 2›", "`", "```\n‹x = 1\ny = 2›\n```"],
  ]) {
    assert.equal(done(before, (field) => marked(field, mark)), after, before);
  }
});

test("a link takes what is selected as its words, or as its address", () => {
  assert.equal(done("see ‹notes›", (field) => linked(field)), "see [notes](‹https://›)");
  assert.equal(done("see ‹notes›", (field) => linked(field, "https://a.example")), "see [notes](https://a.example)‹›");
  assert.equal(done("‹https://a.example›", (field) => linked(field)), "[‹›](https://a.example)");
});

test("lines become a list, and lines again", () => {
  assert.equal(done("x\n‹a\nb›\ny", (field) => begun(field, "list")), "x\n‹- a\n- b›\ny");
  assert.equal(done("‹- a\n- b›", (field) => begun(field, "numbers")), "‹1. a\n2. b›");
  assert.equal(done("‹1. a\n2. b›", (field) => begun(field, "numbers")), "‹a\nb›");
  assert.equal(done("a‹›", (field) => begun(field, "quote")), "> a‹›");
});

test("a new line goes on with a list, and ends it behind nothing", () => {
  for (const [before, after] of [
    ["- tea‹›", "- tea\n- ‹›"],
    ["  9. tea‹›", "  9. tea\n  10. ‹›"],
    ["- [x] tea‹›", "- [x] tea\n- [ ] ‹›"],
    ["> said‹›", "> said\n> ‹›"],
    ["- tea\n- ‹›", "- tea\n‹›"],
    ["- tea‹› and more", "- tea\n- ‹› and more"],
    ["plain‹›", null],
    ["10:30‹›", null],
  ]) {
    assert.equal(done(before, nextLine), after, before);
  }
});
