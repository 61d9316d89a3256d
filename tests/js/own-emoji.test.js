import assert from "node:assert/strict";
import { beforeEach, test } from "node:test";

import { Lost } from "../../static/js/models/refused.js";
import { ownEmoji } from "../../static/js/models/own-emoji.js";

const PARTY = { name: "party", aliases: ["woo"], sha256: "a".repeat(64) };
const SQUID = { name: "squid", sha256: "b".repeat(64) };

let asked = 0;
let answer = () => ({ version: "2", emoji: [PARTY, SQUID] });
const settled = () => new Promise((resolve) => setImmediate(resolve));

beforeEach(() => {
  asked = 0;
  answer = () => ({ version: "2", emoji: [PARTY, SQUID] });
  ownEmoji.begin(async () => ({ version: "", emoji: [] }), { version: "0" });
  ownEmoji.compare("");
  ownEmoji.begin(
    async () => {
      asked += 1;
      return answer();
    },
    { version: "1", emoji: [PARTY] },
  );
});

test("those that the page came with are known by all their names", () => {
  assert.equal(ownEmoji.get(":woo:"), PARTY);
  assert.equal(ownEmoji.get(":squid:"), undefined);
  assert.equal(ownEmoji.without("so :party::woo: :squid:"), "so 🙂🙂 :squid:");
});

test("all are asked for once, when a text may have another one", async () => {
  let told = 0;
  ownEmoji.on("changed", () => (told += 1));

  ownEmoji.see("no emoji: here, :party:");
  assert.equal(asked, 0);
  ownEmoji.see("a :party::squid:");
  ownEmoji.see(":other:");
  await settled();

  assert.equal(asked, 1);
  assert.equal(told, 1);
  assert.equal(ownEmoji.get(":squid:"), SQUID);
  ownEmoji.see(":nobody_knows:");
  assert.equal(asked, 1);
  assert.deepEqual(await ownEmoji.all(), [PARTY, SQUID]);
});

test("where the network is away, the next text asks again", async () => {
  answer = () => {
    throw new Lost();
  };
  ownEmoji.see(":squid:");
  await settled();
  answer = () => ({ version: "2", emoji: [SQUID] });
  ownEmoji.see(":squid:");
  await settled();

  assert.equal(asked, 2);
  assert.equal(ownEmoji.get(":squid:"), SQUID);
});

test("what is told of is known at once, and what is removed is not", () => {
  ownEmoji.hear({ version: "3", name: "squid", emoji: SQUID });
  assert.equal(ownEmoji.get(":squid:"), SQUID);

  ownEmoji.hear({ version: "4", name: "party", emoji: null });
  assert.equal(ownEmoji.get(":party:"), undefined);
  assert.equal(ownEmoji.get(":woo:"), undefined);
  ownEmoji.compare("4");
  assert.equal(asked, 0);
});

test("after a break, another version is asked for, and none needs no question", async () => {
  ownEmoji.compare("9");
  await settled();
  assert.equal(asked, 1);

  ownEmoji.compare("");
  assert.equal(asked, 1);
  assert.deepEqual(await ownEmoji.all(), []);
});

test("a chat without its own asks nothing, whatever is said", () => {
  ownEmoji.compare("");

  ownEmoji.see(":squid: :party:");

  assert.equal(asked, 0);
});
