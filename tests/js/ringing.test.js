import assert from "node:assert/strict";
import { test } from "node:test";

import { Ringing } from "../../static/js/models/page/ringing.js";
import { channels, runOut, settled } from "./support/chat.js";

const news = (seq, room = "general") => ({ room, seq, sender: "bo", text: `text ${seq}` });

/** Tabs of one person; the first of those that are open has the duty. */
function makeTabs(count) {
  const rung = [];
  const timers = [];
  const waiting = [];
  const tabs = channels(count).map((channel, index) => {
    const hold = (step) => (index === 0 ? step() : waiting.push(step));
    const later = (step, seconds) => timers.push({ step, seconds });
    const tab = new Ringing({ channel, hold, later });
    return tab.on("ring", ({ news: { seq } }) => rung.push([index, seq]));
  });
  return { tabs, rung, timers, waiting };
}

async function allHear({ tabs, timers }, ...args) {
  for (const tab of tabs) tab.heard(news(...args));
  await settled();
  await runOut(timers);
}

test("however many tabs hear a message, one rings, once", async () => {
  const people = makeTabs(3);

  await allHear(people, 1);
  await allHear(people, 2);

  assert.deepEqual(people.rung, [[0, 1], [0, 2]]);
});

test("what another tab alone has heard rings too", async () => {
  const { tabs, rung, timers } = makeTabs(2);

  tabs[1].heard(news(1, "design"));
  await settled();
  await runOut(timers);

  assert.deepEqual(rung, [[0, 1]]);
});

test("nobody rings for what somebody looks at, in whatever tab", async () => {
  const { tabs, rung, timers } = makeTabs(2);

  tabs[0].heard(news(1));
  tabs[1].saw("general", 1);
  await settled();
  await runOut(timers);
  assert.deepEqual(rung, []);

  await allHear({ tabs, timers }, 2);
  assert.deepEqual(rung, [[0, 2]]);
});

test("when the tab that rings is closed, the next one does", async () => {
  const { tabs, rung, timers, waiting } = makeTabs(2);
  const [closed, left] = tabs;
  closed.channel.onmessage = null;

  waiting[0]();
  await allHear({ tabs: [left], timers }, 1);

  assert.deepEqual(rung, [[1, 1]]);
});

test("what comes while a tab closes is rung by the next one", async () => {
  const { tabs, rung, timers, waiting } = makeTabs(2);
  const [closed, left] = tabs;
  closed.channel.onmessage = null;

  left.heard(news(1, "design"));
  left.heard(news(1));
  left.heard(news(2));
  waiting[0]();
  await settled();
  await runOut(timers);

  assert.deepEqual(rung, [[1, 1], [1, 2]]);
});

test("what the closed tab has rung for does not ring again", async () => {
  const people = makeTabs(3);
  const [first, second] = people.tabs;

  first.heard(news(1));
  await settled();
  await runOut(people.timers);
  second.heard(news(1)); // Later than the tab on duty.
  second.heard(news(1, "design"));
  await settled();
  await runOut(people.timers);
  first.channel.onmessage = null;
  people.waiting[0]();
  await settled();
  await runOut(people.timers);

  assert.deepEqual(people.rung, [[0, 1], [0, 1]]);
});

test("what came while a tab closed and somebody saw does not ring", async () => {
  const { tabs, rung, timers, waiting } = makeTabs(3);
  const [closed, left, other] = tabs;
  closed.channel.onmessage = null;

  left.heard(news(1));
  other.saw("general", 1);
  await settled();
  waiting[0]();
  await settled();
  await runOut(timers);

  assert.deepEqual(rung, []);
});
