import assert from "node:assert/strict";
import { test } from "node:test";

import { fold } from "../../static/js/lib/messages/folding.js";
import { message } from "./support/chat.js";

const react = (emoji, sender, on = true) => ({ type: "react", emoji, sender, on });

test("an edit gives another text and says when", () => {
  const folded = fold(message(1), { type: "edit", text: "better", at: "2026-11-22T10:00:00.000Z" });

  assert.equal(folded.text, "better");
  assert.equal(folded.edited_at, "2026-11-22T10:00:00.000Z");
});

test("a deletion takes text and reactions away and is the last word", () => {
  const reacted = fold(message(1), react("👍", "bo"));
  const deleted = fold(reacted, { type: "delete", sender: "chidi" });

  assert.equal(deleted.text, "");
  assert.equal(deleted.deleted_by, "chidi");
  assert.deepEqual(deleted.reactions, {});
  assert.equal(fold(deleted, { type: "edit", text: "again" }), deleted);
});

test("reactions keep who gave them, in their order, each once", () => {
  let folded = message(1);
  for (const event of [react("👍", "bo"), react("🎉", "bo"), react("👍", "ana"), react("👍", "ana")]) {
    folded = fold(folded, event);
  }
  assert.deepEqual(folded.reactions, { "👍": ["bo", "ana"], "🎉": ["bo"] });

  folded = fold(folded, react("👍", "bo", false));
  assert.deepEqual(folded.reactions, { "👍": ["ana"], "🎉": ["bo"] });
  folded = fold(folded, react("👍", "ana", false));
  assert.deepEqual(folded.reactions, { "🎉": ["bo"] });
});

test("what is folded in twice is there once, and the message before stays as it was", () => {
  const before = message(1);

  const once = fold(before, react("👍", "bo"));
  const twice = fold(once, react("👍", "bo"));

  assert.deepEqual(twice, once);
  assert.equal(before.reactions, undefined);
});

test("a vote changes how a poll stands, gives no reaction, and keeps what one has chosen oneself", () => {
  const poll = { question: "?", options: ["a", "b"] };
  const vote = (votes) => ({ type: "react", emoji: "🗳️", sender: "bo", on: true, votes });
  let folded = fold({ ...message(1), poll }, vote({ voters: 1, counts: [1, 0], own: [0] }));

  folded = fold(folded, vote({ voters: 2, counts: [1, 1], names: [["ana"], ["bo"]] }));
  assert.equal(folded.reactions, undefined);
  assert.deepEqual(folded.poll.votes, { voters: 2, counts: [1, 1], names: [["ana"], ["bo"]], own: [0] });
  assert.equal(fold(message(2), vote({ voters: 1 })).poll, undefined);

  const closed = { ...poll, closed_at: "2026-12-01T09:00:00.000Z", votes: { voters: 2, counts: [1, 1] } };
  folded = fold(folded, { type: "edit", text: "the result", at: "2026-12-01T09:00:00.000Z", poll: closed });
  assert.equal(folded.text, "the result");
  assert.equal(folded.edited_at, undefined);
  assert.deepEqual(folded.poll.votes.own, [0]);
  assert.equal(fold(folded, { type: "delete", sender: "ana" }).poll, undefined);
});
