// What people build of Node's Socket.IO for several processes: the Redis adapter, and one insert
// into PostgreSQL for each message, before it is acked and broadcast.

import { createServer } from "node:http";
import { createAdapter } from "@socket.io/redis-adapter";
import pg from "pg";
import { createClient } from "redis";
import { Server } from "socket.io";

const [port, database, redis] = process.argv.slice(2);
const pool = new pg.Pool({ connectionString: database, max: 20 });
const publisher = createClient({ url: redis });
const subscriber = publisher.duplicate();
await Promise.all([publisher.connect(), subscriber.connect()]);
const http = createServer();
const io = new Server(http, { adapter: createAdapter(publisher, subscriber) });

await pool.query(
  "CREATE TABLE IF NOT EXISTS message (id bigserial PRIMARY KEY, room text, sender text, at timestamptz DEFAULT now(), body text)",
);

io.on("connection", (socket) => {
  socket.join(socket.handshake.auth.room);
  socket.on("message", async ({ room = "general", text }, ack) => {
    const { rows } = await pool.query(
      "INSERT INTO message (room, sender, body) VALUES ($1, $2, $3) RETURNING id, at",
      [room, socket.id, text],
    );
    const message = { seq: Number(rows[0].id), room, sender: socket.id, at: rows[0].at, text };
    socket.to(room).emit("message", message);
    ack?.({ ok: true, message });
  });
});

http.listen(Number(port), "127.0.0.1", 4096);
