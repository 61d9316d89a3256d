// A person with npm's socket.io-client and its default settings, who keeps to docs/protocol.md.
//
//   node talker.mjs URL NAME PACKAGE
//
// Reads lists of texts, one a line; sends those of a list at once, each until it is acked, and
// writes {"said": [texts]} in the order of the acks. When all have said "the end", it writes
// {"heard": [texts]}: every message of `general`, each once, in order.

import { randomUUID } from "node:crypto";
import { createInterface } from "node:readline";

const TALKERS = 6;
const [url, name, npmPackage] = process.argv.slice(2);
const { io } = await import(npmPackage);
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
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => reject(new Error("no answer")), 3000);
    socket.emit(event, payload, (answer) => (clearTimeout(timer), resolve(answer)));
  });
}

async function say(text, said) {
  const cid = randomUUID();
  for (;;) {
    const answer = await ask("message", { text, cid }).catch(() => null);
    if (!answer?.ok) continue;
    said.push(answer.message.text);
    return take(answer.message);
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

for await (const line of createInterface({ input: process.stdin })) {
  const texts = JSON.parse(line);
  const said = [];
  await Promise.all(texts.map((text) => say(text, said)));
  console.log(JSON.stringify({ said }));
  if (texts.includes("the end")) break;
}
while (heard.filter((text) => text === "the end").length < TALKERS) await new Promise((done) => setTimeout(done, 20));
console.log(JSON.stringify({ heard }));
process.exit(0);
