/* The files that one gives: sent once, kept over a reload, with the message that they belong to. */

import assert from "node:assert/strict";
import { test } from "node:test";
import { Lost, Refused } from "../../static/js/models/refused.js";
import { Uploads } from "../../static/js/models/files/uploads.js";
import { channels, makeChat, settled, shelfOver } from "./support/chat.js";

const LIMIT_BYTES = 1000;

function file(name, bytes = 10) {
  return new File([new Uint8Array(bytes)], name);
}

/** A tab of this browser: `kept` is its database, `sending` what the server is being sent. */
function makeTab({ kept = {}, blobs = new Map(), channel, name = "tab", alone = (_, step) => step() } = {}) {
  const sending = [];
  const timers = [];
  let ids = 0;
  const uploads = new Uploads({
    me: "ana",
    shelf: shelfOver(kept, "uploads", channel),
    blobs: {
      get: async (key) => blobs.get(key) ?? null,
      put: async (key, blob) => Boolean(blobs.set(key, blob)),
      delete: async (key) => blobs.delete(key),
    },
    send: (asked) => new Promise((resolve, reject) => sending.push({ ...asked, resolve, reject })),
    newId: () => `${name}-${(ids += 1)}`,
    later: (step, seconds) => timers.push({ step, seconds }),
    maxBytes: () => LIMIT_BYTES,
    measure: async ({ name }) => (name.endsWith(".png") ? { width: 40, height: 30 } : null),
    sizeInWords: (bytes) => `${bytes} B`,
    alone,
  });
  return { uploads, sending, timers, kept, blobs };
}

const states = (uploads, room = "general") => uploads.of(room).map(({ state }) => state);
const names = (uploads, room = "general") => uploads.of(room).map(({ name }) => name);

test("files are sent two at a time, in their order, and have the server's ids", async () => {
  const { uploads, sending } = makeTab();

  uploads.add("general", [file("a.png"), file("b.txt"), file("c.txt")]);
  await settled();
  assert.deepEqual(sending.map(({ name }) => name), ["a.png", "b.txt"]);
  assert.deepEqual(states(uploads), ["uploading", "uploading", "waiting"]);
  sending[0].resolve("id-a");
  await settled();

  assert.deepEqual(sending.map(({ name }) => name), ["a.png", "b.txt", "c.txt"]);
  assert.deepEqual(states(uploads), ["done", "uploading", "uploading"]);
  assert.deepEqual(uploads.of("general")[0].width, 40);
  uploads.describe(uploads.of("general")[0].key, " A boat ");
  assert.deepEqual(uploads.named([uploads.of("general")[0].key]), [{ id: "id-a", alt: "A boat" }]);
});

test("what is too large or too many is said before anything is sent", async () => {
  const { uploads, sending } = makeTab();

  assert.equal(uploads.add("general", [file("big.zip", LIMIT_BYTES + 1)]), null);
  await settled();
  const [big] = uploads.of("general");
  assert.deepEqual([big.state, big.isFinal, sending.length], ["failed", true, 0]);
  uploads.retry(big.key);
  assert.equal(big.state, "failed");

  const problem = uploads.add("general", Array.from({ length: 12 }, (_, number) => file(`${number}.txt`)));
  assert.match(problem, /too-many/);
  assert.equal(uploads.of("general").length, 10);
});

test("a lost network is waited for, and the file goes on where it was", async () => {
  const { uploads, sending, timers } = makeTab();
  uploads.add("general", [file("a.txt")]);
  await settled();
  sending[0].begun("/api/v1/files/tus/id-a");

  sending[0].reject(new Lost());
  await settled();
  assert.deepEqual([states(uploads), sending.length, timers.length], [["waiting"], 1, 1]);
  uploads.wake();
  await settled();

  assert.equal(sending[1].url, "/api/v1/files/tus/id-a");
  timers[0].step();
  await settled();
  assert.equal(sending.length, 2, "nothing is sent twice at a time");
});

test("a refused file says why, and can be tried again", async () => {
  const { uploads, sending } = makeTab();
  uploads.add("general", [file("a.txt")]);
  await settled();

  sending[0].reject(new Refused({ code: "quota", message: "There is no room." }));
  await settled();
  const [{ key, state, reason }] = uploads.of("general");
  assert.deepEqual([state, reason], ["failed", "There is no room."]);
  uploads.retry(key);
  await settled();

  assert.equal(sending.length, 2);
});

test("a page that is loaded again goes on, with the bytes that the browser has", async () => {
  const first = makeTab();
  first.uploads.add("general", [file("a.txt"), file("b.txt")]);
  await settled();
  first.sending[0].begun("/api/v1/files/tus/id-a");
  await settled();
  first.blobs.delete("tab-2");

  const second = makeTab({ kept: first.kept, blobs: first.blobs, name: "second" });
  await second.uploads.ready;
  await settled();

  assert.deepEqual(second.sending.map(({ name, url }) => [name, url]), [["a.txt", "/api/v1/files/tus/id-a"]]);
  assert.deepEqual(states(second.uploads), ["uploading", "lacking"]);
  assert.equal(second.uploads.giveAgain("tab-2", file("b.txt", 11)), false);
  assert.equal(second.uploads.giveAgain("tab-2", file("b.txt")), true);
  await settled();
  assert.deepEqual(states(second.uploads), ["uploading", "uploading"]);
});

test("what is taken out is neither sent nor kept, and the order is one's own", async () => {
  const { uploads, sending, kept, blobs } = makeTab();
  uploads.add("general", [file("a.txt"), file("b.txt"), file("c.txt")]);
  await settled();
  const [a, , c] = uploads.of("general");

  uploads.move(c.key, -1);
  assert.deepEqual(names(uploads), ["a.txt", "c.txt", "b.txt"]);
  uploads.remove(a.key);
  await settled();

  assert.equal(sending[0].end.aborted, true);
  assert.deepEqual(names(uploads), ["c.txt", "b.txt"]);
  assert.deepEqual([Object.keys(kept.uploads).length, blobs.size], [2, 2]);
});

test("two tabs see the same files, and one of them sends", async () => {
  const [one, other] = channels(2);
  const kept = {};
  const blobs = new Map();
  const waiting = new Map();
  const alone = (key, step) => {
    const turn = (waiting.get(key) ?? Promise.resolve()).then(step);
    waiting.set(key, turn);
    return turn;
  };
  const here = makeTab({ kept, blobs, channel: one, alone });
  const there = makeTab({ kept, blobs, channel: other, name: "there", alone });

  here.uploads.add("general", [file("a.txt")]);
  await settled();
  await settled();
  assert.deepEqual(names(there.uploads), ["a.txt"]);
  assert.deepEqual([here.sending.length, there.sending.length], [1, 0]);
  here.sending[0].resolve("id-a");
  await settled();
  await settled();
  await settled();

  assert.deepEqual([states(there.uploads), there.sending.length], [["done"], 0]);
});

test("a message waits for its files, holds up none that was written later, and names them", async () => {
  const { chat, connection } = makeChat();
  const { uploads, sending } = makeTab();
  await chat.takeUploads(uploads);
  await connection.goOnline();
  uploads.add("general", [file("a.png")]);
  await settled();

  const item = chat.post("look");
  chat.post("and this");
  await settled();
  await settled();
  assert.deepEqual(connection.requests("message").map(({ text }) => text), ["and this"]);
  assert.deepEqual([item.state, uploads.of("general").length, uploads.at(item.cid).length], ["waiting", 0, 1]);
  sending[0].resolve("id-a");
  await settled();
  await settled();

  const posted = connection.requests("message").at(-1);
  assert.deepEqual([posted.text, posted.files], ["look", ["id-a"]]);
  assert.equal(uploads.at(item.cid).length, 0, "they are the message's now");
});

test("a message whose file is refused has failed, and goes on when that is tried again", async () => {
  const { chat, connection } = makeChat();
  const { uploads, sending } = makeTab();
  await chat.takeUploads(uploads);
  await connection.goOnline();
  uploads.add("general", [file("a.png")]);
  await settled();
  const item = chat.post("");

  sending[0].reject(new Refused({ code: "quota", message: "There is no room." }));
  await settled();
  assert.deepEqual([item.state, item.reason], ["failed", "There is no room."]);
  chat.outbox.retry(item.cid);
  await settled();
  sending[1].resolve("id-a");
  await settled();
  await settled();

  assert.deepEqual(connection.requests("message").map(({ text, files }) => [text, files]), [["", ["id-a"]]]);
});

test("files that the server has forgotten are sent once more, and then the message", async () => {
  const { chat, connection } = makeChat();
  const { uploads, sending } = makeTab();
  await chat.takeUploads(uploads);
  await connection.goOnline();
  uploads.add("general", [file("a.png")]);
  await settled();
  sending[0].resolve("old");
  await settled();
  connection.answers.message = (post) =>
    post.files[0] === "old" ? { ok: false, error: { code: "not_found", message: "There is no such file." } } : { ok: true, message: connection.store(post) };

  const item = chat.post("look");
  await settled();
  await settled();
  assert.deepEqual([item.state, sending.length], ["waiting", 2]);
  sending[1].resolve("new");
  await settled();
  await settled();

  assert.deepEqual(connection.requests("message").map(({ files }) => files), [["old"], ["new"]]);
  assert.equal(chat.outbox.get(item.cid), undefined);
});
