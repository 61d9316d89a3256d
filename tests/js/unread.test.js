import assert from "node:assert/strict";
import { test } from "node:test";

import { calls } from "../../static/js/lib/text/tokens.js";
import { makeChat, message, messages, roomInfo, runOut, settled } from "./support/chat.js";

const marks = (connection) => connection.requests("read").map(({ room, seq }) => [room, seq]);

async function elsewhere() {
  const made = makeChat({ log: messages(1, 3) });
  await made.connection.goOnline();
  await made.chat.open("design");
  return { ...made, general: made.chat.rooms.get("general") };
}

test("what others say is unread, and what calls one is counted apart", async () => {
  const { connection, general } = await elsewhere();

  connection.emitted("message", message(4));
  connection.emitted("message", message(5, { text: "hey @Ana" }));
  connection.emitted("message", message(6, { sender: "ana" }));

  assert.deepEqual([general.unread, general.mentions], [2, 1]);
});

test("the red line stands where the first unread message came, until the room was left", async () => {
  const { chat, connection, general } = await elsewhere();
  connection.emitted("message", message(4));
  connection.emitted("message", message(5));
  assert.equal(general.line, 3);

  await chat.open("general");
  chat.reading.saw(general);
  assert.equal(general.line, 3);

  await chat.open("design");
  assert.equal(general.line, null);
});

test("a message that comes twice is counted once", async () => {
  const { connection, general } = await elsewhere();

  connection.emitted("message", message(4));
  connection.emitted("message", message(4));

  assert.equal(general.unread, 1);
});

test("after a hole the server is asked how much is unread", async () => {
  const { connection, general } = await elsewhere();
  general.timeline = null;
  connection.answers.join = ({ room }) => ({
    ok: true,
    room: roomInfo(room, { head: 9, read: 3, unread: 6, mentions: 2 }),
  });

  connection.emitted("message", message(9));
  await settled();

  assert.deepEqual([general.unread, general.mentions, general.head], [6, 2, 9]);
});

test("what was seen is told once, and a mark that was overtaken is not told", async () => {
  const { chat, connection, timers } = makeChat({ log: messages(1, 3) });
  await connection.goOnline();

  for (const seq of [4, 5, 6]) {
    connection.emitted("message", message(seq));
    chat.reading.saw(chat.current);
  }
  chat.reading.saw(chat.current);
  await settled();
  assert.deepEqual(marks(connection), [["general", 4]]);
  await runOut(timers);

  assert.deepEqual(marks(connection), [["general", 4], ["general", 6]]);
  assert.equal(chat.current.unread, 0);
});

test("a server that has forgotten how far a guest had read is reminded of it", async () => {
  const { chat, connection, general } = await elsewhere();
  connection.emitted("message", message(4));
  connection.goOffline();
  connection.answers.rooms = () => ({ ok: true, rooms: [roomInfo("general", { head: 4, read: null })] });
  connection.answers.join = ({ room }) => ({ ok: true, room: roomInfo(room, { head: 4, read: null }) });
  connection.answers.read = ({ room, seq }) => ({ ok: true, read: { room, read: seq, unread: 1, mentions: 0 } });

  await connection.goOnline();

  assert.deepEqual(marks(connection).at(-1), ["general", 3]);
  assert.deepEqual([general.read, general.unread, chat.current.name], [3, 1, "design"]);
});

test("what another device has read is read here too", async () => {
  const { connection, general } = await elsewhere();
  connection.emitted("message", message(4));

  connection.emitted("read", { room: "general", read: 4, unread: 0, mentions: 0 });

  assert.equal(general.unread, 0);
});

test("what was marked unread stays so until the room is opened again", async () => {
  const { chat, connection } = makeChat({ log: messages(1, 3) });
  await connection.goOnline();
  connection.answers.read = ({ room, seq }) => ({
    ok: true,
    read: { room, read: seq, unread: 3 - seq, mentions: 0 },
  });

  await chat.reading.markUnread(chat.current, 2);
  chat.reading.saw(chat.current);
  assert.deepEqual([chat.current.unread, chat.current.line], [2, 1]);

  await chat.open("general");
  chat.reading.saw(chat.current);
  await settled();
  assert.equal(chat.current.unread, 0);
});

test("what was seen a moment ago does not undo what was marked unread by hand since", async () => {
  const { chat, connection, timers } = makeChat({ log: messages(1, 3) });
  await connection.goOnline();
  timers.length = 0;
  for (const seq of [4, 5]) {
    connection.emitted("message", message(seq));
    chat.reading.saw(chat.current);
    await settled();
  }
  assert.deepEqual(marks(connection), [["general", 4]]); // 5 waits for its turn.

  await chat.reading.markUnread(chat.current, 5);
  await runOut(timers);

  assert.deepEqual(marks(connection).at(-1), ["general", 4]);
  assert.equal(connection.requests("read").at(-1).back, true);
});

test("unread by hand on another device is not read again by this one", async () => {
  const { chat, connection } = makeChat({ log: messages(1, 3) });
  await connection.goOnline();

  connection.emitted("read", { room: "general", read: 1, unread: 2, mentions: 0, back: true });
  chat.reading.saw(chat.current);

  assert.equal(chat.current.unread, 2);
  assert.deepEqual(marks(connection), []);
});

/** Two messages were seen: the server was told of 4, and hears of 5 in a moment. */
async function seenToFive() {
  const made = makeChat({ log: messages(1, 3) });
  await made.connection.goOnline();
  made.timers.length = 0;
  for (const seq of [4, 5]) {
    made.connection.emitted("message", message(seq));
    made.chat.reading.saw(made.chat.current);
    await settled();
  }
  assert.deepEqual(marks(made.connection), [["general", 4]]);
  return made;
}

test("what is about to be told does not undo what another device marked unread", async () => {
  const { chat, connection, timers } = await seenToFive();

  connection.emitted("read", { room: "general", read: 1, unread: 4, mentions: 0, back: true });
  await runOut(timers);

  assert.deepEqual(marks(connection), [["general", 4]]);
  assert.equal(chat.current.unread, 4);
});

test("marked read by hand is told, also just after it was unread again", async () => {
  const { chat, connection, timers } = await seenToFive();
  await runOut(timers); // 5 is told …
  await runOut(timers); // … and a while has passed.
  connection.emitted("message", message(6));
  chat.reading.saw(chat.current);
  await settled();

  connection.emitted("read", { room: "general", read: 1, unread: 5, mentions: 0, back: true });
  chat.reading.markRead(chat.current);
  await runOut(timers);

  assert.deepEqual(marks(connection).slice(-2), [
    ["general", 6],
    ["general", 6],
  ]);
  assert.equal(chat.current.unread, 0);
});

test("a device that has read less makes nothing unread here", async () => {
  const { chat, connection, timers } = await seenToFive();

  connection.emitted("read", { room: "general", read: 4, unread: 1, mentions: 0 });
  assert.deepEqual([chat.current.unread, chat.current.held], [0, false]);
  await runOut(timers);

  assert.deepEqual(marks(connection).at(-1), ["general", 5]);
});

test("a room that one joined without looking counts from there", async () => {
  const { connection } = makeChat({
    rooms: [{ name: "design", title: "Design" }],
    kept: { "chatapp.rooms.ana": '["design"]' },
  });
  connection.answers.join = ({ room }) => ({
    ok: true,
    room: roomInfo(room, room === "design" ? { head: 7, read: null } : {}),
  });

  await connection.goOnline();

  assert.deepEqual(marks(connection), [["design", 7]]);
});

test("a room counts for the title as its level says", async () => {
  const { connection, general } = await elsewhere();
  connection.emitted("message", message(4));
  connection.emitted("message", message(5, { text: "@room lunch" }));

  const calling = ["all", "mentions", "nothing"].map((level) => Object.assign(general, { ownLevel: level }).calling);

  assert.deepEqual(calling, [2, 1, 0]);
  general.prefer({ level: "all", favourite: false, muted_until: "always" });
  assert.deepEqual([general.calling, general.ownLevel], [0, "all"]);
  general.prefer({ level: "all", favourite: false, muted_until: "2020-01-01T00:00:00Z" });
  assert.equal(general.calling, 2);
});

test("a call is a whole name, in any spelling", () => {
  for (const text of ["@ana", "hey @ANA!", "(@ana)", "@room", "@all now"]) assert.ok(calls(text, "Ana"), text);
  for (const text of ["ana", "@anabel", "x@ana", "@an", ""]) assert.ok(!calls(text, "Ana"), text);
});

test("what comes while one looks at it draws no line, and moves none", async () => {
  const { connection, chat } = makeChat({ log: messages(1, 3) });
  await connection.goOnline();
  const general = chat.current;
  general.isWatched = () => true;
  connection.emitted("message", message(4));
  assert.equal(general.line, null);
  chat.reading.saw(general);

  general.isWatched = () => false;
  connection.emitted("message", message(5));
  assert.equal(general.line, 4);
  chat.reading.saw(general);
  general.isWatched = () => true;
  connection.emitted("message", message(6));

  assert.equal(general.line, 4);
});

test("a mention in a room that one is not in counts there, as far as one wants to hear of it", async () => {
  const { connection, chat } = makeChat({ rooms: [roomInfo("far", { joined: false, read: null })] });
  await connection.goOnline();
  const far = chat.rooms.get("far");
  const heard = [];
  chat.on("heard", ({ room, messages }) => heard.push([room.name, messages[0].seq]));

  connection.emitted("mention", message(7, { room: "far", text: "@ana" }));
  connection.emitted("mention", message(8, { room: "nowhere", text: "@ana" }));

  assert.deepEqual([far.mentions, far.calling], [1, 1]);
  assert.deepEqual(heard, [["far", 7]]);
  far.prefer({ level: "nothing", favourite: false });
  assert.equal(far.calling, 0);
});
