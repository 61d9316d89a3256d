import assert from "node:assert/strict";
import { test } from "node:test";

import { Room } from "../../static/js/models/rooms/room.js";
import { faceOf, iconOf, listed, present, titleFor } from "../../static/js/models/rooms/rooms.js";

function rooms(count, options = () => ({})) {
  const infos = Array.from({ length: count }, (_, at) => ({ name: `r${at}`, title: `Room ${at}`, ...options(at) }));
  return infos.map((info) => new Room(info, () => () => {}));
}

test("of a few rooms all are listed", () => {
  const all = rooms(25);

  assert.equal(listed(all, all[3]).length, 25);
});

test("of many, those that one is in, favourites, and the open one, but none that is archived", () => {
  const all = rooms(40, (at) => ({ joined: at === 5 || at === 6, favourite: at === 7, archived: at === 6 }));

  const names = listed(all, all[3]).map(({ name }) => name);

  assert.deepEqual(names, ["r3", "r5", "r7"]);
  assert.equal(present(all, all[3]).length, 39);
});

test("a closed room is listed while it is open, and again when something happens in it", () => {
  const [open, closed] = rooms(2, () => ({ joined: true, head: 4, read: 4, closed: true }));

  assert.deepEqual(listed([open, closed], open), [open]);
  closed.hear([{ seq: 5, type: "react", sender: "bo", at: "2026-11-22T10:00:00Z" }], "ana");

  assert.deepEqual(listed([open, closed], open), [open, closed]);
  assert.equal(closed.lastAt, "2026-11-22T10:00:00Z");
});

test("a group is called like the others in it until it has a name, also when one other is left", () => {
  const chat = { me: "me", people: { shown: (name) => name.toUpperCase() } };
  const group = (invited, named = false) => new Room({ name: "d", title: "Trip", kind: "direct", invited: ["me", ...invited], group: { named, may_remove: false } }, () => () => {});

  assert.equal(titleFor(group(["a", "b", "c", "d"]), chat), "A, B, C, D");
  assert.equal(titleFor(group(["a", "b", "c", "d", "e"]), chat), "A, B, C +2");
  assert.equal(titleFor(group(["a", "b"], true), chat), "Trip");
  const two = group(["a"]);
  assert.deepEqual([titleFor(two, chat), faceOf(two, "me"), iconOf(two)], ["A", "", "people"]);
  assert.equal(titleFor(group([]), chat), "Trip");

  two.describe({ name: "d", title: "Trip", group: { named: true, may_remove: false } });
  assert.equal(titleFor(two, chat), "Trip");
});
