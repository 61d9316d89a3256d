import assert from "node:assert/strict";
import { test } from "node:test";

import { excessBytes } from "../../static/js/lib/text/texts.js";
import { Place } from "../../static/js/models/page/place.js";

const settings = { name: "Harbour", max_text_bytes: 100, room_makers: "everyone" };

test("the place is what its admins have made of it", () => {
  const place = new Place("member");
  let told = 0;
  place.on("changed", () => (told += 1));

  place.become(settings);

  assert.deepEqual([place.name, place.maxTextBytes, told], ["Harbour", 100, 1]);
  assert.equal(excessBytes("x".repeat(103), place.maxTextBytes), 3);
});

for (const [makers, who] of Object.entries({
  everyone: ["guest", "member", "bot", "admin", "owner"],
  members: ["member", "bot", "admin", "owner"],
  admins: ["admin", "owner"],
})) {
  test(`where ${makers} make rooms, nobody else is offered to`, () => {
    const may = ["guest", "member", "bot", "admin", "owner"].filter((role) => {
      const place = new Place(role);
      place.become({ ...settings, room_makers: makers });
      return place.mayMakeRooms;
    });

    assert.deepEqual(may, who);
  });
}
