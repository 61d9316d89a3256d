// Three clients of npm's socket.io-client do what test_node_client.py expects.
//
//   node node_client.mjs URL PACKAGE '["polling","websocket"]'

const [url, npmPackage, transports] = process.argv.slice(2);
const { io } = await import(npmPackage);
const options = { forceNew: true, ...(transports && { transports: JSON.parse(transports) }) };
const outcome = { heard: {}, acks: [] };

function client(name) {
  const socket = io(url, { ...options, auth: { name } });
  outcome.heard[name] = [];
  socket.on("said", (word) => outcome.heard[name].push(word));
  return new Promise((resolve, reject) => {
    socket.on("connect", () => resolve(socket));
    socket.on("connect_error", (error) => reject(error));
  });
}

function ask(socket, ...event) {
  return new Promise((resolve) => socket.emit(...event, resolve));
}

async function until(condition) {
  while (!condition()) await new Promise((resolve) => setTimeout(resolve, 10));
}

const [ana, bert, kim] = [await client("ana"), await client("bert"), await client("kim")];
for (let number = 0; number < 100; number += 1) ana.emit("say", number);
outcome.acks.push(await ask(ana, "say", "last"));
outcome.acks.push(await ask(ana, "echo", new Uint8Array(4)));
outcome.acks.push(await ask(ana, "echo", "x".repeat(300_000)));
outcome.acks.push(await ask(ana, "echo", "still here"));
await until(() => outcome.heard.bert.length === 101 && outcome.heard.kim.length === 101);
await ask(bert, "say", "to ana");
await until(() => outcome.heard.ana.length === 1);

outcome.refused = await client("unwanted").catch((error) => [error.message, error.data]);
outcome.transport = ana.io.engine.transport.name;
outcome.closing = new Promise((resolve) => kim.on("closing", resolve));
outcome.disconnect = new Promise((resolve) => kim.on("disconnect", resolve));
kim.emit("close me");
outcome.closing = await outcome.closing;
outcome.disconnect = await outcome.disconnect;
await until(() => kim.connected); // it comes back by itself
outcome.back = await ask(kim, "echo", "back");

console.log(JSON.stringify(outcome));
process.exit(0);
