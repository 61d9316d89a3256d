import assert from "node:assert/strict";
import { test } from "node:test";

import { dayAt, daysUntil, momentOf } from "../../static/js/lib/text/moments.js";

const NOW = new Date(2026, 2, 27, 10, 0); // a Friday

const local = (/** @type {number[]} */ ...parts) => new Date(2026, ...parts);

test("a time is understood in the writer's own zone", () => {
  const times = {
    "2026-12-01T09:30": local(11, 1, 9, 30),
    "2026-12-01": local(11, 1, 9, 0),
    "+2h": local(2, 27, 12, 0),
    "+ 90 m": local(2, 27, 11, 30),
    tomorrow: local(2, 28, 9, 0),
    "Mañana 9:05": local(2, 28, 9, 5),
    "today 17:00": local(2, 27, 17, 0),
    "17:00": local(2, 27, 17, 0),
    "9:00": local(2, 28, 9, 0),
    Monday: local(2, 30, 9, 0),
    "viernes 8:00": local(3, 3, 8, 0),
  };
  for (const [typed, expected] of Object.entries(times)) assert.deepEqual(momentOf(typed, NOW), expected, typed);
});

test("what is no time is none", () => {
  for (const typed of ["", "soon", "t 9:00", "25:00", "+2y", "2026-13-01T09:00", "9"]) {
    assert.equal(momentOf(typed, NOW), null, typed);
  }
});

test("the next Monday is never today", () => {
  assert.deepEqual(dayAt(NOW, daysUntil(NOW, 1)), local(2, 30, 9, 0));
  assert.equal(daysUntil(new Date(2026, 2, 30), 1), 7);
});
