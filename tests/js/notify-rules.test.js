import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { test } from "node:test";

import { Emitter } from "../../static/js/lib/browser/emitter.js";
import { Names } from "../../static/js/lib/text/tokens.js";
import { NotifyRules, isWithin } from "../../static/js/models/page/notify-rules.js";
import { isWorthTelling } from "../../static/js/models/page/ringing.js";

/** @param {string} path */
const examples = (path) => JSON.parse(readFileSync(new URL(path, import.meta.url), "utf-8"));

const NIGHT = { start: "22:00", end: "07:00", days: [1, 2, 3, 4, 5, 6, 7], zone: "UTC", mentions: true };
const MIDNIGHT = new Date("2026-11-27T00:00:00Z");

class Server extends Emitter {
  /** @type {any} */
  rules = { keywords: [], quiet: null };

  /** @param {string} _event @param {any} wanted */
  async request(_event, wanted) {
    this.rules = { ...this.rules, ...wanted };
    return { notifications: this.rules };
  }
}

/** @param {any} known */
function rulesOf(known, now = MIDNIGHT) {
  const connection = /** @type {any} */ (new Server());
  connection.rules = known;
  return { connection, rules: new NotifyRules({ connection, me: "ana", names: new Names(["ana"]), now: () => now, known }) };
}

test("keywords are found as the server's clients find them", () => {
  for (const { keywords, text, found } of examples("../text/keywords.json")) {
    const { rules } = rulesOf({ keywords, quiet: null });
    assert.equal(rules.finds(text), found, `${keywords} in ${text}`);
  }
});

test("quiet hours are those of the server's other clients", () => {
  for (const { quiet, within } of examples("../domain/quiet_hours.json")) {
    for (const [at, expected] of Object.entries(within)) assert.equal(isWithin(quiet, new Date(at)), expected, at);
  }
});

test("what rings hangs on the room, keywords and quiet hours", () => {
  const day = rulesOf({ keywords: ["tea"], quiet: NIGHT }, new Date("2026-11-27T12:00:00Z")).rules;
  const night = rulesOf({ keywords: ["tea"], quiet: NIGHT }).rules;
  const silent = rulesOf({ keywords: [], quiet: { ...NIGHT, mentions: false } }).rules;
  const rings = (/** @type {any} */ rules, /** @type {string} */ text, level = "mentions", { sender = "ben", isFollowed = false } = {}) =>
    isWorthTelling(/** @type {any} */ ({ room: { level }, message: { sender, text }, me: "ana", isBusy: false, isLooking: false, rules, isFollowed }));

  assert.equal(rings(day, "more tea?"), true);
  assert.equal(rings(day, "more tea?", "nothing"), false);
  assert.equal(rings(day, "more tea?", "mentions", { sender: "ana" }), false);
  assert.equal(rings(day, "more coffee?"), false);
  assert.equal(rings(day, "more coffee?", "all"), true);
  assert.equal(rings(day, "more coffee?", "mentions", { isFollowed: true }), true);
  assert.equal(rings(day, "more coffee?", "nothing", { isFollowed: true }), false);
  assert.equal(rings(night, "more coffee?", "all", { isFollowed: true }), false);
  assert.equal(rings(night, "more tea?"), false);
  assert.equal(rings(night, "@room tea", "all"), false);
  assert.equal(rings(night, "@ana tea"), true);
  assert.equal(rings(silent, "@ana tea"), false);
  assert.equal(rings(undefined, "@ana tea"), true);
});

test("an answer in a thread rings for who follows it, though they hear everything of the room", () => {
  const rings = (/** @type {object} */ message, { isFollowed = false, kind = "public" } = {}) =>
    isWorthTelling(/** @type {any} */ ({ room: { level: "all", kind }, message: { sender: "ben", text: "hm", ...message }, me: "ana", isFollowed }));

  assert.equal(rings({}), true);
  assert.equal(rings({ thread: 3 }), false);
  assert.equal(rings({ thread: 3 }, { isFollowed: true }), true);
  assert.equal(rings({ thread: 3, text: "@ana?" }), true);
  assert.equal(rings({ thread: 3, also_to_room: true }), true);
  assert.equal(rings({ thread: 3 }, { kind: "direct" }), true);
});

test("another device's rules hold, and those of the server after a break", async () => {
  const { connection, rules } = rulesOf({ keywords: [], quiet: null });
  let told = 0;
  rules.on("changed", () => (told += 1));

  connection.tell("event", { name: "notifications", payload: { keywords: ["tea"], quiet: null } });
  assert.equal(rules.finds("tea"), true);
  connection.rules = { keywords: ["coffee"], quiet: null };
  connection.tell("online");
  await new Promise((resolve) => setImmediate(resolve));

  assert.equal(rules.finds("tea"), false);
  assert.equal(rules.finds("coffee"), true);
  assert.ok(told >= 2);
});
