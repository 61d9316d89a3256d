import assert from "node:assert/strict";
import { test } from "node:test";

import { Thread } from "../../static/js/models/threads/thread.js";
import { Timeline } from "../../static/js/models/log/timeline.js";
import { EPOCH, makeChat, message, messages, runOut, settled } from "./support/chat.js";

const reply = (seq, thread, options) => ({ ...message(seq, options), thread });
const seqs = ({ messages: all }) => all.map(({ seq }) => seq);

function timelineOf(shown) {
  const timeline = new Timeline({ epoch: EPOCH, head: shown.at(-1)?.seq ?? 0, messages: shown });
  const told = [];
  timeline.on("changed", ({ kind, messages: all = [] }) => told.push([kind, ...all.map(({ seq }) => seq)]));
  timeline.on("moved", () => told.push(["moved"]));
  return { timeline, told };
}

test("a reply changes its root, and is not shown in the room", () => {
  const { timeline, told } = timelineOf(messages(1, 3));

  timeline.receive([reply(4, 2), reply(5, 2, { sender: "cy" }), message(6)]);

  assert.deepEqual(seqs(timeline), [1, 2, 3, 6]);
  assert.equal(timeline.head, 6);
  const { count, last_seq, by } = timeline.find(2).replies;
  assert.deepEqual({ count, last_seq, by }, { count: 2, last_seq: 5, by: ["cy", "bo"] });
  assert.deepEqual(told, [["appended", 6], ["folded", 2]]);
});

test("a reply that is counted already is not counted again", () => {
  const root = { ...message(1), replies: { count: 7, last: "", last_seq: 9, by: ["bo"] } };
  const { timeline } = timelineOf([root]);

  timeline.receive(Array.from({ length: 9 }, (_, index) => reply(index + 2, 1)));

  assert.equal(timeline.find(1).replies.count, 8);
});

test("a reply that its writer wants in the room is shown there too", () => {
  const { timeline } = timelineOf(messages(1, 2));

  timeline.receive([{ ...reply(3, 1), also_to_room: true }]);

  assert.deepEqual(seqs(timeline), [1, 2, 3]);
  assert.equal(timeline.find(1).replies.count, 1);
});

test("a title is the thread's, and a line of the chat is no reply", () => {
  const root = { ...message(1), replies: { count: 1, last: "", last_seq: 2, by: ["bo"] } };
  const { timeline } = timelineOf([root, message(2)]);
  const line = { ...reply(3, 1, { text: "bo named the thread “Lunch”" }), system: { what: "titled", thread: 1 } };

  timeline.receive([line]);

  assert.deepEqual(timeline.find(1).replies, { ...root.replies, title: "Lunch" });
  assert.deepEqual(seqs(timeline), [1, 2]);
});

test("where messages were moved, the timeline says so, and is read anew up to its head", () => {
  const { timeline, told } = timelineOf(messages(1, 3));

  timeline.receive([{ ...message(4), system: { what: "moved", seqs: [2], thread: 1 } }]);
  timeline.readAnew([message(1), message(3), message(4), message(5)]);

  assert.deepEqual(told[0], ["moved"]);
  assert.deepEqual(seqs(timeline), [1, 3, 4]);
});

async function followed({ threads = [], unread = 0 } = {}) {
  const { chat, connection, timers } = makeChat({ log: messages(1, 3) });
  connection.answers.threads = () => ({ ok: true, threads, after: null });
  connection.answers.rooms = () => ({ ok: true, rooms: [], threads_unread: unread });
  await connection.goOnline();
  const counts = [];
  chat.threads.on("count", () => counts.push(chat.threads.count));
  return { chat, connection, counts, timers };
}

const mark = (thread, options) => ({ room: "general", thread, read: 0, unread: 0, mentions: 0, following: true, ...options });

test("threads with something new are counted as the server counts them, and as marks come", async () => {
  const { chat, connection, counts } = await followed({ unread: 2 });

  connection.emitted("thread", mark(1, { unread: 1 }));
  connection.emitted("thread", mark(1, { unread: 2 }));
  connection.emitted("thread", mark(1, { unread: 0 }));

  assert.equal(chat.threads.count, 2);
  assert.deepEqual(counts, [3, 2]);
});

test("a reply of somebody else in a followed thread is new, one's own and others' threads are not", async () => {
  const { chat, connection } = await followed();
  connection.emitted("thread", mark(1));
  connection.emitted("thread", mark(2, { following: false }));
  const { head } = chat.current;

  connection.emitted("message", reply(head + 1, 1));
  connection.emitted("message", reply(head + 2, 1, { sender: "ana" }));
  connection.emitted("message", reply(head + 3, 2));
  await settled();

  assert.equal(chat.threads.markOf("general", { seq: 1 }).unread, 1);
  assert.equal(chat.threads.markOf("general", { seq: 2 }).unread, 0);
  assert.equal(chat.threads.count, 1);
});

test("which threads one follows is asked once, when somebody answers in one that is not known", async () => {
  const info = { ...mark(1, { unread: 3 }), root: message(1), count: 3, last: "", last_seq: 4, by: [] };
  const { chat, connection, timers } = await followed({ threads: [info] });
  const { head } = chat.current;

  connection.emitted("message", reply(head + 1, 77));
  connection.emitted("message", reply(head + 2, 77));
  await runOut(timers);

  assert.equal(connection.requests("threads").length, 1);
  assert.equal(chat.threads.count, 1);
});

async function opened(page) {
  const { chat, connection } = await followed();
  connection.answers.history = ({ thread, ...where }) => ({ ok: true, more: { before: false, after: false }, ...page({ thread, ...where }) });
  const thread = new Thread(chat, chat.current, 1);
  chat.current.open.set(1, thread);
  await thread.begin();
  return { chat, connection, thread, told: tellings(thread) };
}

function tellings(thread) {
  const told = [];
  thread.on("changed", ({ kind, messages: all }) => told.push([kind, ...all.map(({ seq }) => seq)]));
  return told;
}

test("an open thread takes its replies and what happens to them, and nothing else", async () => {
  const { chat, connection, thread, told } = await opened(() => ({ messages: [reply(2, 1)] }));
  const { head } = chat.current;

  connection.emitted("message", reply(head + 1, 1));
  connection.emitted("message", reply(head + 2, 9));
  connection.emitted("message", message(head + 3));
  connection.emitted("edit", { room: "general", seq: head + 4, target: head + 1, sender: "bo", text: "other", at: "" });
  await settled();

  assert.deepEqual(seqs(thread), [2, head + 1]);
  assert.equal(thread.find(head + 1).text, "other");
  assert.deepEqual(told.map(([kind]) => kind), ["appended", "folded"]);
});

test("a thread is read when its end is seen: its own mark, told once", async () => {
  const { chat, connection, thread } = await opened(({ thread: root }) => ({ messages: root ? [reply(2, 1), reply(3, 1)] : [message(1)] }));
  connection.answers.read = ({ room, seq, thread: root }) => ({ ok: true, read: { ...mark(root), room, read: seq } });
  chat.threads.take(mark(1, { unread: 2 }));

  thread.saw();
  thread.saw();
  await settled();

  assert.deepEqual(connection.requests("read").filter(({ thread: root }) => root), [{ room: "general", seq: 3, thread: 1 }]);
  assert.equal(chat.threads.count, 0);
});
