import assert from "node:assert/strict";
import { test } from "node:test";

import { Outbox } from "../../static/js/models/composer/outbox.js";
import { Lost, Refused } from "../../static/js/models/refused.js";
import { NOW, channels, memoryOver, runOut, settled, shelfOver } from "./support/chat.js";

function makeOutbox({ kept = {}, storage = {}, channel, alone = (step) => step(), post = async (item) => item } = {}) {
  const posted = [];
  const pauses = [];
  let ids = 0;
  const outbox = new Outbox({
    sender: "ana",
    post: (item) => {
      posted.push(item.cid);
      return post(item, posted.length);
    },
    pause: (seconds) => new Promise((step) => pauses.push({ step, seconds })),
    shelf: shelfOver(kept, "outbox", channel),
    memory: memoryOver(storage),
    alone,
    newId: () => `cid-${(ids += 1)}`,
    now: () => new Date(NOW.getTime() + ids),
  });
  return { outbox, posted, pauses, kept };
}

const refuse = (code, retry_after) => {
  throw new Refused({ code, message: `No: ${code}.`, retry_after });
};

test("what is written offline waits, and goes out in order", async () => {
  const { outbox, posted } = makeOutbox();
  for (const text of ["a", "b", "c"]) outbox.add("general", text);
  await settled();
  assert.deepEqual(posted, []);
  assert.deepEqual(outbox.of("general").map(({ state }) => state), ["waiting", "waiting", "waiting"]);

  outbox.goOnline();
  await settled();

  assert.deepEqual(posted, ["cid-1", "cid-2", "cid-3"]);
  assert.deepEqual(outbox.of("general"), []);
});

test("one message is under way at a time", async () => {
  const answers = [];
  const { outbox, posted } = makeOutbox({ post: () => new Promise((answer) => answers.push(answer)) });
  outbox.goOnline();
  outbox.add("general", "a");
  outbox.add("general", "b");
  await settled();
  assert.deepEqual(posted, ["cid-1"]);

  answers[0]({ seq: 1 });
  await settled();

  assert.deepEqual(posted, ["cid-1", "cid-2"]);
});

test("a message whose answer was lost is sent again with the same cid", async () => {
  const { outbox, posted } = makeOutbox({
    post: async (item, attempt) => {
      if (attempt > 1) return item;
      outbox.goOffline();
      throw new Lost();
    },
  });
  outbox.goOnline();
  outbox.add("general", "a");
  await settled();
  assert.equal(outbox.get("cid-1").state, "waiting");

  outbox.goOnline();
  await settled();

  assert.deepEqual(posted, ["cid-1", "cid-1"]);
});

test("a refused message fails with its reason, and lets the next ones pass", async () => {
  const { outbox, posted } = makeOutbox({
    post: async (item) => (item.cid === "cid-1" ? refuse("not_allowed") : item),
  });
  outbox.goOnline();
  outbox.add("general", "a");
  outbox.add("general", "b");
  await settled();

  assert.deepEqual(posted, ["cid-1", "cid-2"]);
  assert.deepEqual(outbox.of("general").map(({ text, state, reason }) => [text, state, reason]), [
    ["a", "failed", "No: not_allowed."],
  ]);
});

test("a failed message goes out when its writer tries again", async () => {
  const { outbox, posted } = makeOutbox({
    post: async (item, attempt) => (attempt === 1 ? refuse("no_such_room") : item),
  });
  outbox.goOnline();
  outbox.add("general", "a");
  await settled();

  outbox.retry("cid-1");
  await settled();

  assert.deepEqual(posted, ["cid-1", "cid-1"]);
  assert.deepEqual(outbox.of("general"), []);
});

for (const code of ["rate_limited", "read_only", "unavailable"]) {
  test(`${code} passes: the message waits, says why, and nothing overtakes it`, async () => {
    const { outbox, posted, pauses } = makeOutbox({
      post: async (item, attempt) => (attempt === 1 ? refuse(code, 2.5) : item),
    });
    outbox.goOnline();
    outbox.add("general", "a");
    outbox.add("general", "b");
    await settled();
    assert.deepEqual(posted, ["cid-1"]);
    assert.equal(outbox.get("cid-1").reason, `No: ${code}.`);
    assert.equal(pauses[0].seconds, 2.5);

    await runOut(pauses);

    assert.deepEqual(posted, ["cid-1", "cid-1", "cid-2"]);
  });
}

test("a discarded message is never sent", async () => {
  const { outbox, posted, kept } = makeOutbox();
  outbox.add("general", "a");

  outbox.discard("cid-1");
  outbox.goOnline();
  await settled();

  assert.deepEqual(posted, []);
  assert.deepEqual(kept, { outbox: {} });
});

test("what is unsent is there again after a reload, for its writer alone", async () => {
  const before = makeOutbox();
  before.outbox.add("general", "a");
  before.outbox.add("design", "b");
  await settled();

  const { outbox, posted } = makeOutbox({ kept: before.kept });
  const other = new Outbox({ sender: "bo", shelf: shelfOver(before.kept, "outbox"), memory: memoryOver() });
  await settled();

  assert.deepEqual(outbox.of("general").map(({ text }) => text), ["a"]);
  assert.deepEqual(other.of("general"), []);
  outbox.goOnline();
  await settled();
  assert.deepEqual(posted, ["cid-1", "cid-2"]);
  assert.deepEqual(before.kept, { outbox: {} });
});

test("what an earlier page kept in localStorage is taken over, in order", async () => {
  const item = (cid, at) => ({ cid, sender: "ana", room: "general", text: cid, at, state: "sending" });
  const storage = {
    "chatapp.outbox.x": JSON.stringify(item("x", "2026-11-22T09:00:02.000Z")),
    "chatapp.outbox.y": JSON.stringify(item("y", "2026-11-22T09:00:01.000Z")),
  };
  const { outbox, posted } = makeOutbox({ storage });
  outbox.add("general", "now");
  await settled();

  outbox.goOnline();
  await settled();

  assert.deepEqual(posted, ["y", "x", "cid-1"]);
  assert.deepEqual(Object.keys(storage), []);
});

test("what could not be kept is sent all the same", async () => {
  const { outbox, posted } = makeOutbox();
  outbox.shelf.tables.put = async () => false;
  outbox.add("general", "a");
  await settled();

  outbox.goOnline();
  await settled();

  assert.deepEqual(posted, ["cid-1"]);
  assert.deepEqual(outbox.of("general"), []);
});

/** Two tabs over one database, and a lock that one of them has at a time. */
function makeTabs(post) {
  const kept = {};
  const [left, right] = channels(2);
  let turn = Promise.resolve();
  const alone = (step) => (turn = turn.then(step));
  return [left, right].map((channel, index) => {
    const tab = makeOutbox({ kept, channel, alone, post: (item) => post(index, item) });
    tab.outbox.newId = () => `${index}-${tab.outbox.of("general").length}`;
    return tab.outbox;
  });
}

test("two tabs send what there is in the order in which it was written, each once", async () => {
  const sent = [];
  const [left, right] = makeTabs(async (index, item) => {
    sent.push(item.text);
    await settled();
    return item;
  });
  for (const [tab, text] of [[left, "a"], [right, "b"], [left, "c"], [right, "d"]]) {
    tab.add("general", text);
    await settled();
  }

  left.goOnline();
  right.goOnline();
  for (let wait = 0; wait < 20; wait += 1) await settled();

  assert.deepEqual(sent, ["a", "b", "c", "d"]);
  assert.deepEqual([left.of("general"), right.of("general")], [[], []]);
});

test("what one tab writes waits in the other too, and goes with the message", async () => {
  const [left, right] = makeTabs(async (index, item) => item);
  const told = [];
  right.on("changed", ({ item, isNew }) => told.push([item.text, isNew]));

  left.add("general", "a");
  await settled();
  assert.deepEqual(told, [["a", false]]);
  assert.deepEqual(right.of("general").map(({ state }) => state), ["waiting"]);
  left.goOnline();
  for (let wait = 0; wait < 5; wait += 1) await settled();

  assert.deepEqual(right.of("general"), []);
});
