import assert from "node:assert/strict";
import { beforeEach, mock, test } from "node:test";

const HELLO = `0${JSON.stringify({ sid: "s", upgrades: [], pingInterval: 25_000, pingTimeout: 20_000, maxPayload: 100_000 })}`;
const WELCOME = '40{"sid":"s"}';
const problem = (code) => `44${JSON.stringify({ message: "No.", data: { code, message: "No." } })}`;

/** The server's side of each attempt to connect, played by the test. */
class Line {
  static all = [];

  constructor() {
    Line.all.push(this);
  }

  answer(...packets) {
    this.onopen();
    for (const packet of packets) this.onmessage({ data: packet });
  }

  send() {}

  close() {
    queueMicrotask(() => this.onclose?.({ code: 1000 }));
  }

  cut() {
    this.onclose({ code: 1006 });
  }
}

/** The same by polling. */
class Request {
  static all = [];
  withCredentials = false;

  open(method, url) {
    this.asked = `${method} ${new URL(url).searchParams.get("transport")}`;
  }

  setRequestHeader() {}

  send() {
    Request.all.push(this);
  }

  abort() {}

  answer(text) {
    Object.assign(this, { readyState: 4, status: 200, responseText: text });
    this.onreadystatechange();
  }
}

// Socket.IO's client looks at these once, when it is loaded.
Object.assign(globalThis, {
  WebSocket: Line,
  XMLHttpRequest: Request,
  location: { protocol: "http:", hostname: "chat.test", port: "" },
  addEventListener() {},
  removeEventListener() {},
});
const { Connection } = await import("../../static/js/connection.js");

/** Starts a connection for which chance always says the same. */
function connect(random) {
  mock.method(Math, "random", () => random);
  const connection = new Connection();
  connection.start();
  return connection;
}

/** How many milliseconds pass until there is another line. */
async function untilTheNextLine() {
  const before = Line.all.length;
  for (let passed = 0; passed <= 120_000; passed += 1) {
    await Promise.resolve(); // Socket.IO connects in the next microtask
    if (Line.all.length > before) return passed;
    mock.timers.tick(1);
  }
  return Infinity;
}

/** Whatever connections there are do nothing any more. */
function forget() {
  mock.timers.reset();
  mock.timers.enable({ apis: ["setTimeout"] });
}

beforeEach(forget);

test("those who lost the line together do not come back together", async () => {
  const waits = [];
  for (const random of [0, 0.5, 0.89, 0.999]) {
    connect(random);
    Line.all.at(-1).answer(HELLO, WELCOME);
    Line.all.at(-1).cut();
    waits.push(await untilTheNextLine());
    forget();
  }

  assert.ok(Math.min(...waits) >= 500);
  assert.ok(Math.max(...waits) <= 1500);
  assert.ok(Math.max(...waits) - Math.min(...waits) > 900);
  assert.equal(new Set(waits).size, waits.length);
});

test("who is told when to come back comes then, and the next time after the usual pause", async () => {
  connect(0);
  const waits = [];
  for (const when of [{ retry_after: 5 }, { retry_after: 0 }, {}]) {
    Line.all.at(-1).answer(HELLO, WELCOME, `42${JSON.stringify(["closing", { reason: "Restart.", ...when }])}`);
    for (let turn = 0; turn < 5; turn += 1) await Promise.resolve(); // until the client has handled them
    Line.all.at(-1).cut();
    waits.push(await untilTheNextLine());
  }

  assert.deepEqual(waits, [5000, 250, 1000]);
});

for (const [random, share] of [
  [0, 0.5],
  [0.5, 1],
]) {
  test(`who is refused for now waits longer and longer, ${share} times as long where chance says ${random}`, async () => {
    connect(random);
    const waits = [];
    for (let refusals = 1; refusals <= 7; refusals += 1) {
      Line.all.at(-1).answer(HELLO, problem("unavailable"));
      waits.push(await untilTheNextLine());
    }

    assert.deepEqual(
      waits.map((wait) => wait / share),
      [1000, 2000, 4000, 8000, 16_000, 30_000, 30_000],
    );
  });
}

test("who is refused for good, or sent away, does not come back by itself", async () => {
  for (const last of [problem("name_taken"), "41"]) {
    const told = [];
    const connection = connect(0);
    for (const news of ["refused", "ended"]) connection.on(news, () => told.push(news));
    Line.all.at(-1).answer(HELLO, ...(last === "41" ? [WELCOME, last] : [last]));

    assert.equal(await untilTheNextLine(), Infinity);
    assert.deepEqual(told, [last === "41" ? "ended" : "refused"]);
    forget();
  }
});

test("where a network swallows the WebSocket without a word, polling is tried", async () => {
  const connection = connect(0.5);
  const told = [];
  connection.on("online", () => told.push("online"));

  const lines = Line.all.length;
  for (let passed = 0; passed < 15_000 && Request.all.length === 0; passed += 1) {
    mock.timers.tick(1);
    await Promise.resolve();
  }
  assert.equal(Line.all.length, lines);
  assert.equal(Request.all[0]?.asked, "GET polling");
  Request.all[0].answer(HELLO);
  Request.all.find(({ asked }) => asked === "POST polling").answer("ok");
  Request.all.findLast(({ asked }) => asked === "GET polling").answer(WELCOME);
  await Promise.resolve();

  assert.deepEqual(told, ["online"]);
});
