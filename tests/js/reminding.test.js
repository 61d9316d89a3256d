/* When one is reminded: static/js/models/message/reminding.js. */

import assert from "node:assert/strict";
import { test } from "node:test";

import { forField } from "../../static/js/lib/text/moments.js";
import { REMINDERS, timeOf } from "../../static/js/models/message/reminding.js";

const FRIDAY = new Date(2026, 9, 23, 10, 30);

test("each choice is a time to come, where the reader is", () => {
  const times = REMINDERS.map((reminder) => forField(timeOf(reminder, FRIDAY)));

  assert.deepEqual(times, ["2026-10-23T10:50", "2026-10-23T11:30", "2026-10-24T09:00", "2026-10-26T09:00"]);
});

test("on a Monday, Monday is the next one, and on a Sunday it is tomorrow", () => {
  assert.equal(forField(timeOf("monday", new Date(2026, 9, 26, 8, 0))), "2026-11-02T09:00");
  assert.equal(forField(timeOf("monday", new Date(2026, 9, 25, 23, 0))), "2026-10-26T09:00");
});
