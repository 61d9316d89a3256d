import assert from "node:assert/strict";
import { test } from "node:test";

import { RoomOrder } from "../../static/js/models/rooms/order.js";
import { Layout, Sections } from "../../static/js/models/rooms/sections.js";
import { makeChat, message, roomInfo } from "./support/chat.js";

function make(rooms, layout = "") {
  const { chat, connection } = makeChat({ guest: false, rooms: rooms.map(({ name, ...info }) => roomInfo(name, info)) });
  const kept = [];
  const sections = new Sections(chat, new Layout(layout, (text) => kept.push(text)));
  return { chat, connection, sections, kept };
}

function names(sections) {
  return Object.fromEntries(sections.all.map(({ name, rooms }) => [name, rooms.map((room) => room.name)]));
}

function say(chat, room, options) {
  const { head } = chat.rooms.get(room);
  chat.rooms.get(room).hear([message(head + 1, { room, ...options })], chat.me);
}

test("a room stands in one section: favourites, direct messages, or rooms", () => {
  const { sections } = make([
    { name: "plants", favourite: true },
    { name: "bo", kind: "direct", invited: ["ana", "bo"] },
    { name: "apples" },
  ]);

  assert.deepEqual(names(sections), { unread: [], favourites: ["plants"], rooms: ["general", "apples"], direct: ["bo"] });
});

test("what is new stands above, mentions first, and then the newest", () => {
  const { chat, sections } = make([{ name: "a" }, { name: "b", favourite: true }, { name: "c" }, { name: "d", level: "nothing" }]);

  for (const room of ["a", "b", "d"]) say(chat, room);
  say(chat, "b");
  say(chat, "c", { text: "@ana" });
  say(chat, "b");

  assert.deepEqual(names(sections), { unread: ["c", "b", "a"], favourites: [], rooms: ["general", "d"], direct: [] });
});

test("the open room stays where it was opened until another one is open", async () => {
  const { chat, sections } = make([{ name: "a" }, { name: "b" }]);
  say(chat, "b");
  say(chat, "a");
  assert.deepEqual(names(sections).unread, ["a", "b"]);

  chat.open("b");
  chat.reading.markRead(chat.rooms.get("b"));
  assert.deepEqual(names(sections).unread, ["a", "b"]);
  for (let count = 0; count < 3; count += 1) say(chat, "b", { text: "@ana" });
  assert.deepEqual(names(sections).unread, ["a", "b"]);
  chat.reading.markRead(chat.rooms.get("b"));
  chat.open("general");

  assert.deepEqual(names(sections), { unread: ["a"], favourites: [], rooms: ["general", "b"], direct: [] });
});

test("a section is sorted by name or by the latest activity, and folds; the server can read which", () => {
  const { chat, sections, kept } = make([{ name: "a" }, { name: "b" }, { name: "h", title: "Älteste" }], "direct.name");
  say(chat, "a", { sender: "ana" });
  for (let count = 0; count < 2; count += 1) say(chat, "b", { sender: "ana" });
  assert.deepEqual(names(sections).rooms, ["general", "a", "h", "b"]);

  sections.sort("rooms", "activity");
  assert.deepEqual(names(sections).rooms, ["b", "a", "h", "general"]);
  sections.fold("rooms", true);
  sections.sort("rooms", "name");

  assert.deepEqual(names(sections).rooms, ["a", "h", "b", "general"]);
  assert.deepEqual(kept.at(-1), "rooms.name.folded_direct.name");
  const again = new Layout(kept.at(-1), () => {});
  assert.deepEqual([again.sortOf("rooms"), again.isFolded("rooms"), again.sortOf("favourites")], ["name", true, "own"]);
});

test("a room is moved among those of its section, which then stands in one's own order", async () => {
  const { chat, connection, sections } = make([{ name: "a" }, { name: "b" }, { name: "c" }], "rooms.activity");
  connection.answers.arrange = ({ rooms }) => ({ ok: true, rooms });
  await connection.goOnline();
  const order = new RoomOrder(chat, sections);
  say(chat, "b", { sender: "ana" });
  assert.deepEqual(names(sections).rooms, ["b", "a", "c", "general"]);
  const [a, b, c] = ["a", "b", "c"].map((name) => chat.rooms.get(name));
  assert.equal(order.neighbour(b, -1), null);

  await order.move(c, b);

  assert.deepEqual(names(sections).rooms, ["c", "b", "a", "general"]);
  assert.equal(sections.layout.sortOf("rooms"), "own");
  say(chat, "a");
  assert.deepEqual(names(sections).unread, ["a"]);
  assert.equal(order.neighbour(a, 1), null);
  assert.equal(order.mayMove(c, a), false);
});
