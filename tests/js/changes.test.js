import assert from "node:assert/strict";
import { test } from "node:test";

import { spelled } from "../../static/js/lib/messages/folding.js";
import { Lost, Refused } from "../../static/js/models/refused.js";
import { makeChat, message, messages, settled } from "./support/chat.js";

async function online(options) {
  const made = makeChat(options);
  await made.connection.goOnline();
  return made;
}

const reactionsOf = (chat, seq) => chat.current.timeline.find(seq).reactions ?? {};

test("a reaction shows at once and stays when the server has it", async () => {
  const { chat, connection } = await online({ log: messages(1, 3) });
  connection.answers.react = (payload) => {
    const { seq: target, emoji, on } = payload;
    return { ok: true, event: { type: "react", room: "general", seq: 4, target, emoji, on, sender: "ana" } };
  };

  const given = chat.changes.toggle(chat.current, 2, "👍");
  assert.deepEqual(reactionsOf(chat, 2), { "👍": ["ana"] });
  await given;

  assert.deepEqual(reactionsOf(chat, 2), { "👍": ["ana"] });
  assert.equal(chat.current.timeline.head, 4);
});

test("a reaction that is refused is taken back", async () => {
  const { chat, connection } = await online({ log: messages(1, 3) });
  connection.answers.react = () => ({ ok: false, error: { code: "not_allowed", message: "No." } });

  await assert.rejects(chat.changes.toggle(chat.current, 2, "👍"), Refused);

  assert.deepEqual(reactionsOf(chat, 2), {});
});

test("an edit that gets no answer changes nothing here", async () => {
  const { chat, connection } = await online({ log: [message(1, { sender: "ana" })] });
  connection.goOffline();

  await assert.rejects(chat.changes.edit(chat.current, 1, "better"), Lost);

  assert.equal(chat.current.timeline.find(1).text, "text 1");
});

test("one changes one's own messages; admins delete any", async () => {
  const { chat } = await online({ log: messages(1, 1) });
  const [own, other] = [{ ...message(1, { sender: "ana" }), by: "guest:ana" }, message(2)];
  const another = { ...own, by: "guest:another" };

  assert.equal(chat.changes.mayEdit(own), true);
  assert.equal(chat.changes.mayEdit(other), false);
  assert.equal(chat.changes.mayEdit(another), false);
  assert.equal(chat.changes.mayDelete(another), false);
  assert.equal(chat.changes.mayDelete(own), true);
  assert.equal(chat.changes.mayDelete(other), false);
  chat.changes.role = "admin";
  assert.equal(chat.changes.mayDelete(other), true);
  assert.equal(chat.changes.mayEdit(other), false);
  assert.equal(chat.changes.mayDelete({ ...own, deleted_by: "ana" }), false);
});

test("a message without an id is an account's whose name it has, and no guest's", async () => {
  const old = message(1, { sender: "ana" });

  const member = makeChat({ guest: false });
  const guest = makeChat({ guest: true });

  assert.equal(member.chat.changes.mayEdit(old), true);
  assert.equal(guest.chat.changes.mayEdit(old), false);
});

test("an emoji has one spelling, whatever picker it comes from", async () => {
  const { chat, connection } = await online({ log: messages(1, 1) });

  for (const picked of ["❤", "❤\ufe0f", "❤\ufe0e"]) assert.equal(spelled(picked), "❤\ufe0f");
  assert.equal(spelled("👍\ufe0f"), "👍");
  assert.equal(spelled("☝🏽"), "☝🏽");
  assert.equal(spelled("1\u20e3"), "1\ufe0f\u20e3");
  assert.equal(spelled("🇩🇪"), "🇩🇪");
  connection.answers.react = () => ({ ok: true, event: null });
  await chat.changes.toggle(chat.current, 1, "👍\ufe0f");

  assert.deepEqual(Object.keys(chat.current.timeline.find(1).reactions), ["👍"]);
  assert.equal(connection.requests("react")[0].emoji, "👍");
});

test("an answer says what it answers, also after a reload", async () => {
  const tables = {};
  const { chat, connection } = makeChat({ log: messages(1, 3), tables });
  chat.post("yes", { replyTo: 2 });
  await settled();

  const again = makeChat({ log: messages(1, 3), tables });
  await again.connection.goOnline();
  await settled();

  assert.deepEqual(connection.requests("message"), []);
  assert.equal(again.connection.requests("message")[0].reply_to, 2);
});

test("a message far back is shown with what was said around it", async () => {
  const log = messages(1, 200);
  const { chat, connection } = await online({ log });
  chat.current.timeline.trim(50);
  const around = ({ around: seq }) => ({
    ok: true,
    messages: log.slice(seq - 26, seq + 24),
    more: { before: true, after: true },
  });
  connection.answers.history = around;
  const sought = [];
  chat.on("sought", ({ seq }) => sought.push(seq));

  await chat.show("general", 60);

  assert.equal(chat.current.timeline.find(60).seq, 60);
  assert.equal(chat.current.timeline.moreAfter, true);
  assert.equal(chat.current.timeline.head, 200);
  assert.deepEqual(sought, [60]);
});
