import assert from "node:assert/strict";
import { test } from "node:test";

import { statusEnd, isOutInWords, statusInWords, statusOf, statusTyped } from "../../static/js/models/people/status.js";

const NOW = new Date(2026, 2, 27, 10, 0); // a Friday

const iso = (/** @type {[number, number, number?, number?]} */ ...parts) => new Date(2026, ...parts).toISOString();

test("a status is typed as an emoji, a text and an end", () => {
  const typed = {
    "🌴 Vacation until 2026-12-24": { emoji: "🌴", text: "Vacation", until: iso(11, 24, 9) },
    "out 🌴 Vacation until monday": { emoji: "🌴", text: "Vacation", until: iso(2, 30, 9), out_of_office: true },
    "fuera hasta el lunes": { emoji: "", text: "", until: iso(2, 30, 9), out_of_office: true },
    out: { emoji: "", text: "", out_of_office: true },
    "In a meeting for 2h": { emoji: "", text: "In a meeting", until: iso(2, 27, 12) },
    "👩‍💻 hasta las 17:30": { emoji: "👩‍💻", text: "", until: iso(2, 27, 17, 30) },
    "☕": { emoji: "☕", text: "" },
    "Out sick": { emoji: "", text: "Out sick" },
    "Looking for 2 hats": { emoji: "", text: "Looking for 2 hats" },
  };

  for (const [text, expected] of Object.entries(typed)) assert.deepEqual(statusTyped(text, NOW), expected, text);
  assert.equal(statusTyped("Vacation until 2026-13-45", NOW), null);
});

test("a status ends after a while, with the day, with the week, or not by itself", () => {
  assert.equal(statusEnd("30", NOW)?.toISOString(), iso(2, 27, 10, 30));
  assert.equal(statusEnd("today", NOW)?.toISOString(), iso(2, 27, 23, 59));
  assert.equal(statusEnd("week", NOW)?.toISOString(), iso(2, 29, 23, 59));
  assert.equal(statusEnd("never", NOW), undefined);
});

test("a status is read with its end, as one says it", () => {
  assert.equal(statusInWords({ text: "Vacation" }, NOW), "Vacation");
  assert.equal(statusInWords({ emoji: "☕" }, NOW), "");
  assert.match(statusInWords({ text: "Lunch", until: iso(2, 27, 13) }, NOW), /^Lunch · statuses.until.time$/);
  assert.equal(statusInWords({ out_of_office: true, until: iso(2, 30) }, NOW), "statuses.out statuses.until.day");
  assert.equal(isOutInWords("Ana", { until: iso(11, 24) }, NOW), "statuses.is-out statuses.until.day");
});

test("a status that is over is none", () => {
  const status = { text: "Lunch", until: iso(2, 27, 10) };
  const people = { of: () => ({ name: "ana", status }), now: () => NOW };

  assert.equal(statusOf(people, "ana"), null);
  assert.equal(statusOf({ ...people, now: () => new Date(2026, 2, 27, 9, 59) }, "ana"), status);
});
