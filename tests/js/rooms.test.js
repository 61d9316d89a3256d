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

  assert.deepEqual(names, ["r7", "r3", "r5"]);
  assert.equal(present(all, all[3]).length, 39);
});
