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

// Socket.IO's client looks at these once, when it is loaded.
Object.assign(globalThis, {
  WebSocket: Line,
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
