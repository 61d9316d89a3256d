// A careful Node writer: JSON lines, many writers, one fdatasync for all that gathered meanwhile.
//
//     node append.mjs FILE WRITERS MESSAGES TEXT      prints the seconds that it took

import { open } from "node:fs/promises";

const [file, writers, messages, text] = process.argv.slice(2);
const handle = await open(file, "a");
let queue = [];
let busy = false;
let n = 0;

async function commit() {
  busy = true;
  while (queue.length) {
    const batch = queue;
    queue = [];
    const lines = batch.map(({ message }) => JSON.stringify({ n: ++n, ...message }) + "\n");
    await handle.write(lines.join(""));
    await handle.datasync();
    for (const { resolve } of batch) resolve();
  }
  busy = false;
}

function append(message) {
  return new Promise((resolve) => {
    queue.push({ message, resolve });
    if (!busy) queueMicrotask(() => busy || commit());
  });
}

async function writer(sender) {
  for (let i = 0; i < messages / writers; i++) {
    const at = new Date().toISOString();
    await append({ room: "general", type: "message", sender, at, cid: `${sender}-${i}`, text });
  }
}

const start = process.hrtime.bigint();
await Promise.all(Array.from({ length: Number(writers) }, (_, i) => writer(`writer ${i}`)));
console.log(Number(process.hrtime.bigint() - start) / 1e9);
