import assert from "node:assert/strict";
import { test } from "node:test";

import { flagOf } from "../../static/js/lib/text/flags.js";
import { ago } from "../../static/js/lib/text/times.js";
import { peopleLike } from "../../static/js/models/composer/completion.js";
import { titleFor } from "../../static/js/models/rooms/rooms.js";
import { Lost } from "../../static/js/models/refused.js";
import { makeChat, message, NOW, roomInfo, settled } from "./support/chat.js";

const BO = { name: "bo", display_name: "Bo Derek", colour: "rose" };

async function makePeople(profiles = [BO]) {
  const { chat, connection } = makeChat({ guest: false });
  connection.profiles = profiles;
  await connection.goOnline();
  const changes = [];
  chat.people.on("changed", ({ names }) => changes.push([...names]));
  return { chat, connection, people: chat.people, changes };
}

test("who is not known yet is shown by name, and looked up together, once", async () => {
  const { connection, people, changes } = await makePeople();
  const before = connection.requests("people").length;

  assert.deepEqual(["bo", "cy", "bo"].map((name) => people.shown(name)), ["bo", "cy", "bo"]);
  await settled();

  assert.deepEqual(["bo", "cy"].map((name) => people.shown(name)), ["Bo Derek", "cy"]);
  await settled();
  assert.deepEqual(connection.requests("people").slice(before), [{ names: ["bo", "cy"] }]);
  assert.deepEqual(changes, [["cy"], ["bo"]]); // Of cy it is known now that they are a guest.
});

test("what one hears counts at once", async () => {
  const { connection, people, changes } = await makePeople();

  connection.emitted("profile", { name: "cy", display_name: "Cyrano" });
  connection.emitted("profile", { name: "cy", display_name: "Cyrano" });

  assert.equal(people.shown("cy"), "Cyrano");
  assert.deepEqual(changes, [["cy"]]);
});

test("after a break everybody is asked for anew, and who has gone has no display name", async () => {
  const { connection, people, changes } = await makePeople([BO, { name: "cy", display_name: "Cy" }]);
  for (const name of ["bo", "cy", "dora"]) people.of(name);
  await settled();
  changes.length = 0;

  connection.goOffline();
  connection.profiles = [{ name: "bo", display_name: "Bo Peep" }, { name: "dora", colour: "teal" }];
  await connection.goOnline();
  await settled();

  assert.deepEqual(["bo", "cy", "dora"].map((name) => people.shown(name)), ["Bo Peep", "cy", "dora"]);
  assert.deepEqual(changes.flat().sort(), ["bo", "cy", "dora"]);
});

test("names that were asked for while the connection was away are asked for when it is back", async () => {
  const { connection, people } = await makePeople();
  connection.goOffline();

  people.shown("bo");
  await settled();
  assert.equal(people.shown("bo"), "bo");
  await assert.rejects(people.lookAt("bo"), Lost);
  await connection.goOnline();
  await settled();

  assert.equal(people.shown("bo"), "Bo Derek");
});

test("who leaves the chat was last seen now, and who leaves a room is still here", async () => {
  const { chat, connection, people } = await makePeople([{ ...BO, state: "online" }]);
  people.of("bo");
  await settled();
  const left = { joined: [], left: ["bo"], count: 1 };

  connection.emitted("room", roomInfo("tea"));
  connection.emitted("presence", { room: "tea", ...left });
  assert.equal(people.of("bo").state, "online");
  connection.emitted("presence", { room: "general", ...left });

  assert.equal(people.of("bo").state, undefined);
  assert.equal(people.of("bo").last_seen, NOW.toISOString());
  assert.equal(people.shown("bo"), "Bo Derek");
  assert.ok(chat.rooms.has("tea"));
});

test("a direct room is called like those who talk in it, also when they change", async () => {
  const { chat, connection } = await makePeople([]);
  const told = [];
  chat.on("room", ({ room }) => told.push(room.name));
  connection.emitted("room", roomInfo("direct-1", { kind: "direct", title: "ana, bo", invited: ["ana", "bo"] }));
  assert.equal(titleFor(chat.rooms.get("direct-1"), chat), "bo");
  told.length = 0;

  connection.emitted("profile", BO);

  assert.equal(titleFor(chat.rooms.get("direct-1"), chat), "Bo Derek");
  assert.deepEqual(told, ["direct-1"]);
});

test("what the page came with is not asked for before there is a connection", () => {
  const { chat, connection } = makeChat({ log: [message(1, { sender: "gus" })] });

  assert.equal(chat.people.shown("gus"), "gus");

  assert.deepEqual(connection.asked, []);
});

test("people are mentioned by name, and found by either", () => {
  const shown = (name) => ({ bo: "Derek" })[name] ?? name;

  for (const begun of ["bo", "der"]) {
    assert.deepEqual(peopleLike(begun, ["bo", "cy"], shown), [{ label: "@bo", hint: "Derek", insert: "@bo" }]);
  }
});

test("a flag has the letter of what one is shown as, and the colour that one chose", () => {
  const plain = flagOf("bo");

  assert.equal(plain.letter, "B");
  assert.deepEqual(flagOf("bo", { display_name: "Zed" }), { ...plain, letter: "Z" });
  assert.deepEqual(flagOf("bo", { colour: "slate" }), { ...plain, hue: 7 });
  assert.deepEqual(flagOf("bo", { colour: "red; background: url(x)" }), plain);
});

test("how long ago is said as people say it", () => {
  const before = (minutes) => ago(new Date(NOW.getTime() - minutes * 60_000).toISOString(), NOW);

  assert.deepEqual(
    [0, -3, 5, 59, 61, 60 * 25, 60 * 24 * 400].map(before),
    ["time.now", "time.now", "5 minutes ago", "59 minutes ago", "1 hour ago", "yesterday", "October 18, 2025"],
  );
});

test("more of those who are in a big room come behind those whom the server has listed", async () => {
  const { chat, connection, people } = await makePeople();
  const room = chat.current;
  room.describe({ ...roomInfo("general"), count: 300, members: ["ana", "bo"] });
  room.presence({ joined: ["zoe"], left: [], count: 301 });
  connection.answers.people = () => ({ ok: true, people: [{ name: "cy", state: "idle" }, { name: "zoe" }] });

  await people.listMore(room);

  assert.deepEqual(connection.requests("people").at(-1), { room: "general", here: true, after: "bo" });
  assert.deepEqual([room.members, room.states, room.count], [["ana", "bo", "cy", "zoe"], { cy: "idle" }, 301]);
});
