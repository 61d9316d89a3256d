// A person with npm's socket.io-client, behind a balancer. Says when it is connected; after a line of
// standard input, it says `count` texts, each after the ack of the last, and waits until it has heard
// as many of everybody else.
//
//   node balanced_client.mjs URL PACKAGE NAME COUNT OTHERS '["polling"]' | 'null'

const [url, npmPackage, name, count, others, transports] = process.argv.slice(2);
const { io } = await import(npmPackage);
const socket = io(url, { auth: { name }, ...(JSON.parse(transports) && { transports: JSON.parse(transports) }) });
const heard = [];
let connects = 0;
socket.on("connect", () => (connects += 1));
socket.on("message", ({ text }) => heard.push(text));

await new Promise((resolve) => socket.once("connect", resolve));
console.log("connected");
await new Promise((resolve) => process.stdin.once("data", resolve));
for (let number = 0; number < count; number += 1) {
  const answer = await new Promise((resolve) => socket.emit("message", { text: `${name} ${number}` }, resolve));
  if (!answer.ok) throw new Error(JSON.stringify(answer));
}
while (heard.length < others * count) await new Promise((resolve) => setTimeout(resolve, 20));
console.log(JSON.stringify({ connects, heard, transport: socket.io.engine.transport.name }));
process.exit(0);
