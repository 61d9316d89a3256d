import assert from "node:assert/strict";
import { test } from "node:test";

import { mayPin } from "../../static/js/models/rooms/pins.js";
import { makeChat, message, messages, roomInfo, settled } from "./support/chat.js";

const line = (seq, what, ...seqs) => ({ ...message(seq), system: { what, seqs } });

test("what is pinned follows the room, the one that was pinned last first", async () => {
  const { chat, connection } = makeChat({ log: messages(1, 3) });
  await connection.goOnline();
  const general = chat.rooms.get("general");
  general.describe(roomInfo("general", { head: 3, pins: [1] }));

  connection.emitted("message", line(4, "pinned", 3));
  connection.emitted("message", line(5, "pinned", 2));
  connection.emitted("message", line(6, "unpinned", 3));
  await settled();
  assert.deepEqual(general.facts.pins, [2, 1]);

  connection.emitted("message", line(4, "pinned", 3)); // It comes again.
  connection.emitted("delete", { room: "general", type: "delete", seq: 7, target: 2, sender: "bo", at: message(1).at });
  await settled();
  assert.deepEqual(general.facts.pins, [1]);

  general.describe({ name: "general", title: "General" }); // A list of rooms does not say it.
  assert.deepEqual(general.facts.pins, [1]);
});

test("who may pin: with an account, where one may write, and where it is not left to those in charge", () => {
  const member = { isGuest: false };
  const room = { kind: "public", joined: true, archived: false, readOnly: false, mayChange: false, facts: {} };
  const admins = { facts: { pinning: "admins" } };

  assert.equal(mayPin(room, member), true);
  assert.equal(mayPin(room, { isGuest: true }), false);
  for (const closed of [{ archived: true }, { joined: false }, { readOnly: true }, admins]) {
    assert.equal(mayPin({ ...room, ...closed }, member), false);
  }
  for (const open of [{ readOnly: true }, admins]) assert.equal(mayPin({ ...room, ...open, mayChange: true }, member), true);
  assert.equal(mayPin({ ...room, ...admins, kind: "direct" }, member), true);
});
