import assert from "node:assert/strict";
import { test } from "node:test";

import { makeChat, message, messages, settled, textsOf } from "./support/chat.js";

async function gatheringChat() {
  const made = makeChat({ log: messages(1, 2) });
  await made.connection.goOnline();
  const frames = [];
  made.chat.soon = (step) => frames.push(step);
  const told = [];
  made.chat.on("messages", ({ kind, messages }) => told.push([kind, messages.length]));
  return { ...made, frames, told };
}

test("what comes between two frames is one change", async () => {
  const { chat, connection, frames, told } = await gatheringChat();

  for (const seq of [3, 4, 5]) connection.emitted("message", message(seq));
  assert.deepEqual(told, []);
  assert.equal(frames.length, 1);
  frames[0]();

  assert.deepEqual(told, [["appended", 3]]);
  assert.equal(textsOf(chat).at(-1), "text 5");
});

test("an ack does not overtake what was heard before it, and nothing is asked for twice", async () => {
  const { chat, connection } = await gatheringChat();
  connection.log("general").push(message(3));
  connection.emitted("message", message(3));

  chat.post("mine");
  await settled();

  assert.deepEqual(textsOf(chat), ["text 1", "text 2", "text 3", "mine"]);
  assert.equal(connection.requests("resume").length, 1, "only when it came online");
});

test("a read mark counts after the messages that came before it", async () => {
  const { chat, connection } = await gatheringChat();
  connection.emitted("read", { room: "general", read: 2, unread: 0, mentions: 0 });
  connection.emitted("message", message(3));

  connection.emitted("read", { room: "general", read: 3, unread: 0, mentions: 0 });

  assert.equal(chat.current.unread, 0);
});

test("of a flood a frame takes no more than it can draw, and nothing is left behind", async () => {
  const { chat, connection, frames, told } = await gatheringChat();

  for (const { seq } of messages(3, 22)) connection.emitted("message", message(seq));
  for (const frame of frames) frame();

  assert.deepEqual(told, [["appended", 5], ["appended", 4], ["appended", 4], ["appended", 4], ["appended", 3]]);
  assert.equal(textsOf(chat).at(-1), "text 22");
});

test("a tab that was asleep catches up with hours of talk in few frames", async () => {
  const { connection, frames, told } = await gatheringChat();

  for (const { seq } of messages(3, 2002)) connection.emitted("message", message(seq));
  for (const frame of frames) frame();

  assert.ok(told.length < 50, `${told.length} frames`);
});
