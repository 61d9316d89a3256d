import assert from "node:assert/strict";
import { test } from "node:test";

import { continues } from "../../static/js/lib/messages/grouping.js";
import { newId } from "../../static/js/lib/browser/ids.js";
import { roomNameOf } from "../../static/js/lib/text/room-name.js";
import { pathOf, roomAt } from "../../static/js/lib/page/routes.js";
import { actionOf, excessBytes } from "../../static/js/lib/text/texts.js";
import { dayName } from "../../static/js/lib/text/times.js";

test("an id is made without randomUUID too, on plain http", () => {
  const ofPlainHttp = newId({ getRandomValues: (bytes) => crypto.getRandomValues(bytes) });

  assert.match(ofPlainHttp, /^[0-9a-f]{32}$/);
  assert.match(newId(), /^[0-9a-f-]{36}$/);
});

test("a room's path leads back to the room", () => {
  for (const name of ["general", "design", "café", "部屋", "a-b_c"]) {
    assert.equal(roomAt(pathOf(name)), name);
  }
});

test("titles become names that the server takes", () => {
  assert.equal(roomNameOf("Café & Kuchen!"), "café-kuchen");
  assert.equal(roomNameOf("  Release 2.4 "), "release-2-4");
  assert.equal(roomNameOf("???"), "");
  assert.equal(roomNameOf("部屋"), "部屋");
  assert.equal(roomNameOf("x".repeat(60)).length, 48);
});

test("the length of a text is that of its UTF-8", () => {
  assert.equal(excessBytes("a".repeat(16 * 1024)), 0);
  assert.equal(excessBytes("é".repeat(8 * 1024) + "a"), 1);
});

test("/me is an action only with a deed", () => {
  assert.deepEqual(actionOf("/me waves"), { command: "/me ", deed: "waves" });
  assert.equal(actionOf("/me "), null);
  assert.equal(actionOf("/metoo"), null);
  assert.equal(actionOf("say /me waves"), null);
});

test("the same person within five minutes continues; anything else begins anew", () => {
  const first = { sender: "ana", at: "2026-11-22T09:30:00.000Z", text: "a" };
  const after = (change) => continues({ ...first, at: "2026-11-22T09:31:00.000Z", ...change }, first);

  assert.equal(after({}), true);
  assert.equal(after({ sender: "bo" }), false);
  assert.equal(after({ at: "2026-11-22T09:35:00.000Z" }), false);
  assert.equal(after({ at: "2026-11-24T09:31:00.000Z" }), false);
  assert.equal(after({ text: "/me waves" }), false);
  assert.equal(after({ via: { name: "Jenkins" } }), false);
  assert.equal(continues(first, undefined), false);
});

test("days are called by what they are to the reader", () => {
  const now = new Date("2026-11-22T12:00:00");

  assert.equal(dayName("2026-11-22T08:00:00", now), "Today");
  assert.equal(dayName("2026-11-21T23:59:00", now), "Yesterday");
  assert.match(dayName("2026-11-20T12:00:00", now), /Friday/);
  assert.match(dayName("2024-05-03T12:00:00", now), /2024/);
});
