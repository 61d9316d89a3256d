import assert from "node:assert/strict";
import { test } from "node:test";

import { isWorthTelling } from "../../static/js/models/page/ringing.js";
import { OwnPresence } from "../../static/js/models/people/presence.js";
import { FakeConnection, memoryOver, message, settled } from "./support/chat.js";

async function makePresence({ kept } = {}) {
  const connection = new FakeConnection();
  const clock = { minutes: 0 };
  const presence = new OwnPresence({
    connection,
    memory: memoryOver(kept),
    me: "ana",
    now: () => new Date(clock.minutes * 60_000),
  });
  await connection.goOnline();
  const told = () => connection.requests("status").map(({ state }) => state);
  const pass = async (minutes) => {
    clock.minutes += minutes;
    presence.look();
    await settled();
  };
  return { presence, connection, told, pass };
}

test("who gives no sign of life is idle, then away, and awake with the next one", async () => {
  const { presence, told, pass } = await makePresence();

  await pass(4);
  await pass(1);
  await pass(25);
  presence.stir();
  await settled();

  assert.deepEqual(told(), ["idle", "away", "online"]);
});

test("a tab that nobody looks at sleeps sooner", async () => {
  const { presence, told, pass } = await makePresence();

  presence.show(false);
  await pass(1);
  await pass(9);

  assert.deepEqual(told(), ["idle", "away"]);
});

test("busy is busy until one says otherwise, also after a reload and a break", async () => {
  const kept = {};
  const { presence, told, pass } = await makePresence({ kept });
  presence.isBusy = true;
  await pass(60);
  assert.deepEqual(told(), ["busy"]);

  const again = await makePresence({ kept });
  again.connection.goOffline();
  await again.connection.goOnline();

  assert.deepEqual(again.told(), ["busy", "busy"]);
  again.presence.isBusy = false;
  await settled();
  assert.equal(again.told().at(-1), "online");
});

test("what is worth a notice follows the room's level, and nothing is while one is busy or looks", () => {
  const situation = { room: { level: "all" }, message: message(1), me: "ana", isBusy: false, isLooking: false };
  const called = message(1, { text: "hey @ana" });
  const is = (changes) => isWorthTelling({ ...situation, ...changes });

  assert.ok(is({}));
  assert.ok(!is({ message: message(1, { sender: "ana" }) }));
  assert.ok(!is({ isBusy: true }));
  assert.ok(!is({ isLooking: true }));
  assert.ok(!is({ room: { level: "mentions" } }));
  assert.ok(is({ room: { level: "mentions" }, message: called }));
  assert.ok(!is({ room: { level: "nothing" }, message: called }));
});
