// Node's Socket.IO as its documentation writes it: relay each message to everybody else.
// With a file as second argument, messages are appended to it as JSON Lines first, many
// with one fdatasync, and acked and broadcast when they are durable.

import { open } from "node:fs/promises";
import { createServer } from "node:http";
import { Server } from "socket.io";

const [port, log] = process.argv.slice(2);
const http = createServer();
const io = new Server(http);
const file = log && (await open(log, "a"));
let waiting = [];
let writing = false;
let seq = 0;

io.on("connection", (socket) => {
  socket.join(socket.handshake.auth.room);
  socket.on("message", (message, ack) => {
    const record = { seq: ++seq, sender: socket.id, at: new Date().toISOString(), ...message };
    const deliver = () => {
      socket.to(message.room ?? "general").emit("message", record);
      ack?.({ ok: true, message: record });
    };
    if (!file) return deliver();
    waiting.push([JSON.stringify(record) + "\n", deliver]);
    if (!writing) write();
  });
});

async function write() {
  writing = true;
  while (waiting.length) {
    const batch = waiting;
    waiting = [];
    await file.write(batch.map(([line]) => line).join(""));
    await file.datasync();
    for (const [, deliver] of batch) deliver();
  }
  writing = false;
}

http.listen(Number(port), "127.0.0.1", 4096);
