import assert from "node:assert/strict";
import { test } from "node:test";

import { Timeline } from "../../static/js/models/timeline.js";
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
