import assert from "node:assert/strict";
import { test } from "node:test";

import { Timeline } from "../../static/js/models/log/timeline.js";
import { EPOCH, message, messages } from "./support/chat.js";

function timelineOf(shown, options = {}) {
  const timeline = new Timeline({ epoch: EPOCH, head: shown.at(-1)?.seq ?? 0, messages: shown, ...options });
  const told = [];
  timeline.on("changed", ({ kind }) => told.push(kind)).on("gap", () => told.push("gap"));
  return { timeline, told };
}

const seqs = (timeline) => timeline.messages.map(({ seq }) => seq);

test("the event after the head is applied", () => {
  const { timeline, told } = timelineOf(messages(1, 3));

  timeline.receive([message(4)]);

  assert.deepEqual(seqs(timeline), [1, 2, 3, 4]);
  assert.deepEqual(told, ["appended"]);
});

test("an event that is known changes nothing", () => {
  const { timeline, told } = timelineOf(messages(1, 3));

  timeline.receive([message(2)]);
  timeline.receive([message(3)]);

  assert.deepEqual(seqs(timeline), [1, 2, 3]);
  assert.deepEqual(told, []);
});

test("an event beyond a hole waits until the hole is filled", () => {
  const { timeline, told } = timelineOf(messages(1, 3));

  timeline.receive([message(6)]);
  timeline.receive([message(5)]);
  assert.deepEqual(seqs(timeline), [1, 2, 3]);
  assert.deepEqual(told, ["gap", "gap"]);

  timeline.receive([message(4)]);
  assert.deepEqual(seqs(timeline), [1, 2, 3, 4, 5, 6]);
});

test("an event that is no message moves the head and shows nothing", () => {
  const { timeline } = timelineOf(messages(1, 3));

  timeline.receive([{ ...message(4), type: "react" }]);
  timeline.receive([message(5)]);

  assert.deepEqual(seqs(timeline), [1, 2, 3, 5]);
});

test("an older page is put before, without what is there", () => {
  const { timeline } = timelineOf(messages(51, 60), { moreBefore: true });

  timeline.prepend(messages(45, 52), false);

  assert.deepEqual(seqs(timeline), [...Array(16).keys()].map((index) => 45 + index));
  assert.equal(timeline.moreBefore, false);
});

test("after a reset the numbers of the new epoch count", () => {
  const { timeline } = timelineOf(messages(1, 30));
  timeline.receive([message(40)]);

  timeline.reset({ epoch: "e2", head: 2, messages: messages(1, 2), moreBefore: false });
  timeline.receive([message(3)]);

  assert.deepEqual(seqs(timeline), [1, 2, 3]);
  assert.equal(timeline.epoch, "e2");
});

test("the page itself may reach beyond the head that was told before it", () => {
  const { timeline } = timelineOf([]);

  timeline.reset({ epoch: EPOCH, head: 3, messages: messages(1, 5), moreBefore: false });

  assert.equal(timeline.head, 5);
});

test("what was trimmed can be loaded again", () => {
  const { timeline } = timelineOf(messages(1, 100));

  timeline.trim(40);

  assert.equal(timeline.oldest, 61);
  assert.equal(timeline.moreBefore, true);
  timeline.prepend(messages(11, 60), true);
  assert.equal(timeline.oldest, 11);
});

test("what happens to a message is folded into it, and told", () => {
  const { timeline, told } = timelineOf(messages(1, 3));

  timeline.receive([{ type: "edit", seq: 4, target: 2, text: "better", sender: "bo", at: "then" }]);

  assert.equal(timeline.find(2).text, "better");
  assert.equal(timeline.head, 4);
  assert.deepEqual(told, ["folded"]);
});

test("what happens to a message that came with it is in it when it is told", () => {
  const { timeline, told } = timelineOf(messages(1, 3));

  timeline.receive([message(4), { type: "delete", seq: 5, target: 4, sender: "bo" }]);

  assert.equal(timeline.find(4).deleted_by, "bo");
  assert.deepEqual(told, ["appended"]);
});

test("what happens to a message that is not here moves the head alone", () => {
  const { timeline, told } = timelineOf(messages(50, 60));

  timeline.receive([{ type: "delete", seq: 61, target: 3, sender: "bo" }]);

  assert.equal(timeline.head, 61);
  assert.deepEqual(told, []);
});

test("while one reads further back new messages are counted and not shown", () => {
  const { timeline, told } = timelineOf(messages(1, 10), { head: 90, moreAfter: true });

  timeline.receive([message(91)]);

  assert.equal(timeline.newest, 10);
  assert.equal(timeline.head, 91);
  assert.deepEqual(told, ["missed"]);
});

test("newer pages follow on until the window ends at the head again", () => {
  const { timeline } = timelineOf(messages(1, 10), { head: 20, moreAfter: true });

  timeline.extend(messages(9, 15), true);
  timeline.extend(messages(16, 20), false);
  timeline.receive([message(21)]);

  assert.deepEqual(seqs(timeline), [...Array(21).keys()].map((index) => index + 1));
});

test("a message that a newer page brought is not shown again when it comes as an event", () => {
  const { timeline } = timelineOf(messages(1, 10), { head: 12, moreAfter: true });
  timeline.extend(messages(11, 13), false);

  timeline.receive([message(13)]);

  assert.equal(timeline.messages.length, 13);
  assert.equal(timeline.head, 13);
});

test("the end that one does not read can be let go, and loaded again", () => {
  const { timeline } = timelineOf(messages(1, 100));

  timeline.cut(40);

  assert.equal(timeline.newest, 40);
  assert.equal(timeline.moreAfter, true);
  timeline.extend(messages(41, 100), false);
  assert.equal(timeline.newest, 100);
});

test("what is foreseen shows at once, and the event itself changes nothing more", () => {
  const { timeline } = timelineOf(messages(1, 3));
  const reaction = { type: "react", target: 2, emoji: "👍", on: true, sender: "ana" };

  timeline.foresee(reaction);
  assert.deepEqual(timeline.find(2).reactions, { "👍": ["ana"] });
  timeline.receive([{ ...reaction, seq: 4 }]);

  assert.deepEqual(timeline.find(2).reactions, { "👍": ["ana"] });
});

test("erased texts are gone at once, and the next catch-up goes by the new epoch", () => {
  const { timeline, told } = timelineOf(messages(1, 3));

  timeline.erase({ epoch: "another", at: "2026-11-22T12:00:00.000Z", seqs: [2, 99] });

  assert.deepEqual(
    timeline.messages.map(({ text, erased_at: at }) => [text, Boolean(at)]),
    [
      ["text 1", false],
      ["", true],
      ["text 3", false],
    ],
  );
  assert.equal(timeline.epoch, "another");
  assert.deepEqual(told, ["folded"]);
});

test("nothing becomes of an erased message that is not here", () => {
  const { timeline, told } = timelineOf(messages(1, 3));

  timeline.erase({ epoch: "another", at: "then", seqs: [] });

  assert.deepEqual(told, []);
});
