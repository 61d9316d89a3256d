// A person with npm's socket.io-client and its default settings, who keeps to docs/protocol.md.
//
//   node talker.mjs URL NAME
//
// Reads texts, one a line; sends each until it is acked, and writes {"said": text}. At the end of
// the input it writes {"heard": [texts]}: every message of `general`, each once, in order.

import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";
import { io } from "socket.io-client";

const [url, name] = process.argv.slice(2);
const socket = io(url, { auth: { name, key: randomUUID() } });
const heard = [];
let seq = 0;
let epoch;

function take(event) {
  if (event.seq === seq + 1) {
    heard.push(event.text);
    seq += 1;
  } else if (event.seq > seq) {
    catchUp();
  }
}

let underWay = Promise.resolve();
function catchUp() {
  underWay = underWay.then(fetchMissing).catch(() => {}); // lost again: the next connect does it
}

async function fetchMissing() {
  for (let more = true; more; ) {
    const answer = await ask("resume", { room: "general", epoch, after: seq });
    if (!answer.recovered) throw new Error("not recovered");
    answer.events.forEach(take);
    more = answer.more;
  }
}

function ask(event, payload) {
  return socket.timeout(3000).emitWithAck(event, payload);
}

async function say(text) {
  const cid = randomUUID();
  for (;;) {
    const answer = await ask("message", { text, cid }).catch(() => null);
    if (answer?.ok) return take(answer.message);
  }
}

socket.on("message", take);
socket.on("heads", (heads) => heads.general > seq && catchUp());
socket.on("connect", async () => {
  let answer = null;
  while (socket.connected && !answer) answer = await ask("join", { room: "general" }).catch(() => null);
  if (!answer) return; // lost again
  epoch ??= answer.room.epoch;
  catchUp();
});

for await (const text of createInterface({ input: process.stdin })) {
  await say(text);
  console.log(JSON.stringify({ said: text }));
  if (text === "the end") break;
}
while (heard.filter((text) => text === "the end").length < 3) await new Promise((done) => setTimeout(done, 20));
console.log(JSON.stringify({ heard }));
process.exit(0);
