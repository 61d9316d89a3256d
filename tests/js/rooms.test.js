import assert from "node:assert/strict";
import { test } from "node:test";

import { Room } from "../../static/js/models/room.js";
import { listed, present } from "../../static/js/models/rooms.js";

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
