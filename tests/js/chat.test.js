import assert from "node:assert/strict";
import { test } from "node:test";

import { Lost } from "../../static/js/models/refused.js";
import { makeChat, message, messages, roomInfo, runOut, settled, textsOf } from "./support/chat.js";

test("coming online joins the room and fetches what came since the page was made", async () => {
  const { chat, connection } = makeChat({ log: messages(1, 5), shown: 3 });

  await connection.goOnline();

  assert.deepEqual(textsOf(chat), ["text 1", "text 2", "text 3", "text 4", "text 5"]);
  assert.deepEqual(connection.requests("join"), [{ room: "general" }]);
});

test("a sent message is shown once, though it comes as ack, as event and by catch-up", async () => {
  const { chat, connection } = makeChat();
  await connection.goOnline();

  chat.post("hello");
  await settled();
  connection.emitted("message", connection.log("general")[0]);
  connection.goOffline();
  await connection.goOnline();

  assert.deepEqual(textsOf(chat), ["hello"]);
  assert.deepEqual(chat.outbox.of("general"), []);
});

test("a message that was stored before the connection broke is not sent again", async () => {
  const { chat, connection } = makeChat();
  await connection.goOnline();
  const { message: answer } = connection.answers;
  connection.answers.message = (post) => {
    connection.store(post);
    connection.goOffline();
    return new Promise(() => {});
  };
  chat.post("hello");
  await settled();

  connection.answers.message = answer;
  await connection.goOnline();

  assert.deepEqual(textsOf(chat), ["hello"]);
  assert.deepEqual(chat.outbox.of("general"), []);
  assert.equal(connection.log("general").length, 1);
});

test("a hole before an event is filled by a catch-up", async () => {
  const { chat, connection } = makeChat({ log: messages(1, 2) });
  await connection.goOnline();
  connection.log("general").push(...messages(3, 6));

  connection.emitted("message", message(6));
  await settled();

  assert.deepEqual(textsOf(chat), ["text 1", "text 2", "text 3", "text 4", "text 5", "text 6"]);
});

test("a lost last message is noticed by the heads", async () => {
  const { chat, connection } = makeChat({ log: messages(1, 2) });
  await connection.goOnline();
  connection.log("general").push(message(3));

  connection.emitted("heads", { general: 3 });
  await settled();

  assert.deepEqual(textsOf(chat), ["text 1", "text 2", "text 3"]);
});

test("another epoch begins the room again", async () => {
  const { chat, connection } = makeChat({ log: messages(1, 5) });
  connection.epoch = "e2";
  connection.log("general").splice(0, 5, message(1, { text: "restored" }));

  await connection.goOnline();

  assert.deepEqual(textsOf(chat), ["restored"]);
  assert.equal(chat.current.timeline.epoch, "e2");
});

test("who missed more than one answer holds begins at the newest page", async () => {
  const { chat, connection } = makeChat({ log: messages(1, 5) });
  connection.log("general").push(...messages(6, 800));

  await connection.goOnline();

  assert.equal(chat.current.timeline.messages.length, 50);
  assert.equal(chat.current.timeline.head, 800);
  assert.equal(chat.current.timeline.moreBefore, true);
});

test("older pages follow on without a hole", async () => {
  const { chat, connection } = makeChat();
  connection.log("general").push(...messages(1, 130));
  chat.current.timeline.reset({ epoch: "e1", head: 130, messages: messages(81, 130), moreBefore: true });
  await connection.goOnline();

  await Promise.all([chat.history.older(chat.current), chat.history.older(chat.current)]);
  await chat.history.older(chat.current);
  await chat.history.older(chat.current);

  assert.deepEqual(chat.current.timeline.messages.map(({ seq }) => seq), messages(1, 130).map(({ seq }) => seq));
  assert.deepEqual(connection.requests("history").map(({ before }) => before), [81, 31]);
});

test("an older page that comes after the oldest were let go leaves no hole", async () => {
  const { chat, connection } = makeChat();
  connection.log("general").push(...messages(1, 130));
  const { timeline } = chat.current;
  timeline.reset({ epoch: "e1", head: 130, messages: messages(51, 130), moreBefore: true });
  await connection.goOnline();

  const loading = chat.history.older(chat.current);
  timeline.trim(20);
  await loading;

  assert.deepEqual([timeline.oldest, timeline.messages.length], [111, 20]);
});

test("another room is joined, loaded, and joined again after a break", async () => {
  const { chat, connection } = makeChat();
  connection.log("design").push(...messages(1, 2, { room: "design" }));
  await connection.goOnline();

  await chat.open("design");
  assert.deepEqual(textsOf(chat), ["text 1", "text 2"]);
  connection.goOffline();
  connection.log("design").push(message(3, { room: "design" }));
  await connection.goOnline();

  assert.deepEqual(textsOf(chat), ["text 1", "text 2", "text 3"]);
  assert.deepEqual(connection.requests("join").map(({ room }) => room).sort(), ["design", "design", "general", "general"]);
});

test("a message in another room marks it until it is opened", async () => {
  const { chat, connection } = makeChat();
  await connection.goOnline();
  await chat.open("design");

  connection.emitted("message", message(1));
  assert.equal(chat.rooms.get("general").unread, 1);

  await chat.open("general");
  chat.reading.saw(chat.current);
  assert.equal(chat.rooms.get("general").unread, 0);
});

test("rooms that one is in are joined again after a reload", async () => {
  const kept = {};
  const before = makeChat({ kept });
  await before.connection.goOnline();
  await before.chat.open("design");

  const { connection } = makeChat({ kept, rooms: [roomInfo("design", { joined: false }), roomInfo("kitchen", { joined: false })] });
  await connection.goOnline();

  assert.deepEqual(connection.requests("join").map(({ room }) => room), ["general", "design"]);
});

test("a room that there is not says so, and is not kept", async () => {
  const { chat, connection } = makeChat();
  await connection.goOnline();
  connection.answers.join = () => ({ ok: false, error: { code: "no_such_room", message: "There is no such room." } });

  await chat.open("nowhere");

  assert.equal(chat.current.problem, "There is no such room.");
  await chat.open("general");
});

test("who was put out of a room joins it again to send", async () => {
  const { chat, connection } = makeChat();
  await connection.goOnline();
  const { message: answer } = connection.answers;
  connection.answers.message = () => {
    connection.answers.message = answer;
    return { ok: false, error: { code: "not_a_member", message: "Join first." } };
  };

  chat.post("hello");
  await settled();

  assert.deepEqual(textsOf(chat), ["hello"]);
  assert.equal(connection.requests("join").length, 2);
});

test("typing is told at most every three seconds, and at once after a message", async () => {
  const { chat, connection } = makeChat();
  await connection.goOnline();

  chat.typed();
  chat.typed();
  assert.equal(connection.requests("typing").length, 1);

  chat.post("hello");
  chat.typed();
  assert.equal(connection.requests("typing").length, 2);
});

test("who types is named until five seconds have passed, or the message is there", async () => {
  const { chat, connection, timers } = makeChat();
  await connection.goOnline();
  const { typists } = chat.current;
  timers.length = 0;

  connection.emitted("typing", { room: "general", name: "bo" });
  connection.emitted("typing", { room: "general", name: "bo" });
  assert.deepEqual(typists.names, ["bo"]);
  assert.deepEqual(timers.map(({ seconds }) => seconds), [5]);
  await runOut(timers);
  assert.deepEqual(typists.names, []);

  connection.emitted("typing", { room: "general", name: "bo" });
  connection.emitted("message", message(1));
  assert.deepEqual(typists.names, []);
});

test("a server that was too busy to answer is asked again before anything is sent", async () => {
  const { chat, connection, timers } = makeChat({ log: messages(1, 2), shown: 1 });
  const { resume } = connection.answers;
  connection.answers.resume = () => {
    throw new Lost();
  };
  await connection.goOnline();
  chat.post("hello");
  await settled();
  assert.deepEqual(textsOf(chat), ["text 1"]);

  connection.answers.resume = resume;
  await runOut(timers);

  assert.deepEqual(textsOf(chat), ["text 1", "text 2", "hello"]);
});

test("a room that does not come says so, and comes when it is opened again", async () => {
  const { chat, connection } = makeChat();
  await connection.goOnline();
  const { history } = connection.answers;
  connection.answers.history = () => {
    throw new Lost();
  };

  await chat.open("design");
  assert.equal(chat.current.problem, "problem.no-answer");

  connection.answers.history = history;
  await chat.open("design");
  assert.equal(chat.current.problem, null);
});

test("presence says who came and who went", async () => {
  const { chat, connection } = makeChat();
  await connection.goOnline();

  connection.emitted("presence", { room: "general", joined: ["Chidi", "bo"], left: [], count: 3 });
  assert.deepEqual(chat.current.members, ["ana", "bo", "Chidi"]);

  connection.emitted("presence", { room: "general", joined: [], left: ["bo"], count: 2 });
  assert.deepEqual(chat.current.members, ["ana", "Chidi"]);
  assert.equal(chat.current.count, 2);
});

test("an account is in the rooms that the server says, whatever this device remembers", async () => {
  const { chat, connection } = makeChat({
    guest: false,
    rooms: ["left", "joined"].map((name) => ({ name, title: name })),
    kept: { "chatapp.rooms.ana": '["left"]' },
  });
  connection.answers.rooms = () => ({
    ok: true,
    rooms: [roomInfo("left", { joined: false }), roomInfo("joined")],
  });

  await connection.goOnline();

  assert.deepEqual(connection.requests("join").map(({ room }) => room), ["general", "joined"]);
  assert.equal(chat.rooms.get("left").joined, false);
});

test("rooms can be read without a server, as they were last, and are caught up on then", async () => {
  const tables = {};
  const before = makeChat({ log: messages(1, 3), rooms: [roomInfo("design")], tables });
  before.connection.log("design").push(...messages(1, 2, { room: "design" }));
  await before.connection.goOnline();
  await before.chat.open("design");
  before.chat.recent.flush();
  await settled();

  const { chat, connection } = makeChat({ log: messages(1, 3), shown: 1, rooms: [roomInfo("design")], tables });
  await settled();
  assert.deepEqual(textsOf(chat), ["text 1", "text 2", "text 3"]);
  await chat.open("design");
  await settled();
  assert.deepEqual(textsOf(chat), ["text 1", "text 2"]);

  connection.log("design").push(...messages(1, 3, { room: "design" }));
  await connection.goOnline();

  assert.deepEqual(textsOf(chat), ["text 1", "text 2", "text 3"]);
});

test("a room that is known by its address only is called as it was last", async () => {
  const kept = { epoch: "e1", head: 1, messages: messages(1, 1), about: { title: "The design", kind: "private" } };
  const { chat } = makeChat({ tables: { rooms: { "ana\ndesign": kept } } });

  await chat.open("design");
  await settled();

  assert.equal(chat.current.title, "The design");
  assert.equal(chat.current.kind, "private");
});

test("a room that one may not see any more is not kept, nor is one with a text that was deleted unseen", async () => {
  const kept = { epoch: "e1", head: 1, messages: messages(1, 1), moreBefore: false };
  const tables = { rooms: { "ana\ndesign": kept, "ana\nplans": kept } };
  const rooms = [roomInfo("design", { head: 1 }), roomInfo("plans", { head: 1 })];
  const { connection, forgotten } = makeChat({ rooms, tables });
  connection.answers.rooms = () => ({ ok: true, rooms });
  await connection.goOnline();
  await settled();
  assert.deepEqual(Object.keys(tables.rooms), ["ana\ndesign", "ana\nplans"]);

  connection.emitted("removed", { room: "plans" });
  connection.emitted("delete", { room: "design", seq: 2, target: 1, sender: "bo" });
  await settled();

  assert.deepEqual(Object.keys(tables.rooms).filter((key) => key !== "ana\ngeneral"), []);
  assert.deepEqual(forgotten.slice(1), ["plans"]);
});

test("what was kept of rooms goes when the epoch is another, or one does not see them any more", async () => {
  const kept = { head: 1, messages: messages(1, 1), moreBefore: false };
  const tables = {
    rooms: {
      "ana\ndesign": { ...kept, epoch: "e0" },
      "ana\nplans": { ...kept, epoch: "e1" },
      "ana\nsecret": { ...kept, epoch: "e1" },
      "bo\nsecret": { ...kept, epoch: "e1" },
    },
  };
  const rooms = ["design", "plans"].map((name) => roomInfo(name, { head: 1, joined: true }));
  const { connection, forgotten } = makeChat({ rooms, tables });
  connection.answers.rooms = () => ({ ok: true, rooms });

  await connection.goOnline();
  await settled();

  assert.deepEqual(Object.keys(tables.rooms).filter((key) => key !== "ana\ngeneral"), ["ana\nplans", "bo\nsecret"]);
  assert.deepEqual(forgotten, [["e1", ["design", "plans"]]]);
});

test("a text that is erased goes from the page at once, and what is done next goes by the new epoch", async () => {
  const { chat, connection, forgotten } = makeChat({ log: messages(1, 3), shown: 3 });
  await connection.goOnline();

  connection.emitted("erased", { room: "general", epoch: "another", at: "2026-11-22T12:00:00.000Z", seqs: [2] });
  await settled();

  assert.deepEqual(textsOf(chat), ["text 1", "", "text 3"]);
  assert.equal(chat.current.timeline.epoch, "another");
  assert.deepEqual(forgotten, [["another"]]);
});

test("settings that an admin changes are known at once", async () => {
  const { chat, connection } = makeChat();
  await connection.goOnline();
  assert.equal(chat.place.mayMakeRooms, true);

  connection.emitted("settings", { name: "Harbour", max_text_bytes: 100, room_makers: "admins" });

  assert.deepEqual([chat.place.name, chat.place.mayMakeRooms], ["Harbour", false]);
});

test("a room that another device leaves is left here too, and general is shown in its place", async () => {
  const { chat, connection } = makeChat();
  await connection.goOnline();
  await chat.open("design");
  assert.equal(chat.rooms.get("design").joined, true);

  connection.emitted("room", roomInfo("design", { joined: false }));
  await settled();

  assert.equal(chat.current.name, "general");
  assert.equal(chat.rooms.get("design").joined, false);
  connection.goOffline();
  await connection.goOnline();
  assert.equal(connection.requests("join").filter(({ room }) => room === "design").length, 1);
});
