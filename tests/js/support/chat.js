/* A chat without a browser and without a server: a connection that a test answers, a memory,
   and a clock that stands still. */

import { Emitter } from "../../../static/js/lib/browser/emitter.js";
import { Shelf } from "../../../static/js/lib/storage/shelf.js";
import { Memory } from "../../../static/js/lib/storage/memory.js";
import { Chat } from "../../../static/js/models/chat.js";
import { Lost, Refused } from "../../../static/js/models/refused.js";

export const EPOCH = "e1";
export const NOW = new Date("2026-11-22T09:30:00.000Z");

export function message(seq, { room = "general", sender = "bo", text = `text ${seq}`, cid } = {}) {
  const at = new Date(NOW.getTime() + seq * 1000).toISOString();
  return { room, seq, sender, text, at, ...(cid && { cid }) };
}

export function messages(from, to, options) {
  return Array.from({ length: to - from + 1 }, (_, index) => message(from + index, options));
}

export function roomInfo(name, options = {}) {
  const info = { name, title: name, kind: "public", head: 0, epoch: EPOCH, joined: true };
  const mark = { read: options.head ?? 0, unread: 0, mentions: 0 };
  return { ...info, ...mark, count: 1, members: ["ana"], ...options };
}

/** Lets everything happen that is only waiting for its turn. */
export function settled() {
  return new Promise((resolve) => setImmediate(resolve));
}

const STORAGE = {
  getItem(key) {
    return this[key] ?? null;
  },
  setItem(key, value) {
    this[key] = value;
  },
  removeItem(key) {
    delete this[key];
  },
};

/** A memory that keeps its values in an object of the test's. */
export function memoryOver(kept = {}) {
  return new Memory(() => Object.setPrototypeOf(kept, STORAGE));
}

/** The browser's database in an object of the test's: {table: {key: value}}. */
export function tablesOver(kept = {}) {
  const table = (name) => (kept[name] ??= {});
  return {
    all: async (name) => new Map(Object.entries(structuredClone(table(name)))),
    get: async (name, key) => structuredClone(table(name)[key] ?? null),
    put: async (name, key, value) => {
      table(name)[key] = structuredClone(value);
      return true;
    },
    delete: async (name, key) => delete table(name)[key],
  };
}

/** BroadcastChannels of so many tabs that hear each other. */
export function channels(count) {
  const all = Array.from({ length: count }, () => ({ onmessage: null }));
  for (const channel of all) {
    channel.postMessage = (data) => {
      for (const other of all) if (other !== channel) setImmediate(() => other.onmessage?.({ data: structuredClone(data) }));
    };
  }
  return all;
}

export function shelfOver(kept, table, channel) {
  return new Shelf({ tables: tablesOver(kept), table, channel });
}

/** A server's side, played by the test: `answers[event](payload)` gives the ack. */
export class FakeConnection extends Emitter {
  asked = [];
  isOnline = false;
  answers = {
    rooms: () => ({ ok: true, rooms: [] }),
    join: ({ room }) => ({ ok: true, room: roomInfo(room, { head: this.log(room).length }) }),
    leave: () => ({ ok: true }),
    status: () => ({ ok: true }),
    people: ({ names = [] }) => ({ ok: true, people: this.profiles.filter(({ name }) => names.includes(name)) }),
    read: ({ room, seq }) => ({ ok: true, read: { room, read: seq, unread: 0, mentions: 0 } }),
    history: ({ room, before = Infinity, limit }) => {
      const older = this.log(room).filter(({ seq }) => seq < before);
      return { ok: true, messages: older.slice(-limit), more: { before: older.length > limit } };
    },
    resume: ({ room, epoch, after }) => {
      const log = this.log(room);
      const recovered = epoch === this.epoch && after <= log.length;
      const events = recovered ? log.slice(after, after + 500) : [];
      const more = recovered && after + 500 < log.length;
      return { ok: true, recovered, events, more, head: log.length, epoch: this.epoch };
    },
    message: (post) => ({ ok: true, message: this.store(post) }),
  };
  epoch = EPOCH;
  profiles = [];
  #logs = new Map();

  log(room) {
    if (!this.#logs.has(room)) this.#logs.set(room, []);
    return this.#logs.get(room);
  }

  store({ room, text, cid, sender = "ana" }) {
    const log = this.log(room);
    const known = log.find((message) => cid && message.cid === cid);
    if (known) return known;
    log.push(message(log.length + 1, { room, sender, text, cid }));
    return log.at(-1);
  }

  async request(event, payload) {
    if (!this.isOnline) throw new Lost();
    this.asked.push({ event, payload });
    const answer = await this.answers[event](payload);
    if (!answer.ok) throw new Refused(answer.error);
    return answer;
  }

  emit(event, payload) {
    this.asked.push({ event, payload });
  }

  emitted(name, payload) {
    this.tell("event", { name, payload });
  }

  async goOnline() {
    this.isOnline = true;
    this.tell("online");
    await settled();
  }

  goOffline() {
    this.isOnline = false;
    this.tell("offline");
  }

  requests(event) {
    return this.asked.filter((request) => request.event === event).map(({ payload }) => payload);
  }
}

/** Ana's chat, open in general: `log` is what was said there, `shown` how much the page came with;
    `forgotten` is what the worker is told. */
export function makeChat({ log = [], shown = log.length, rooms = [], kept, tables = {}, guest = true } = {}) {
  const connection = new FakeConnection();
  connection.log("general").push(...log);
  const timers = [];
  const forgotten = [];
  let ids = 0;
  const chat = new Chat({
    connection,
    me: "ana",
    id: "guest:ana",
    memory: memoryOver(kept),
    kept: {
      tables: tablesOver(tables),
      pages: { forget: (room) => forgotten.push(room), keepOnly: (...kept) => forgotten.push(kept) },
      outbox: shelfOver(tables, "outbox"),
      drafts: shelfOver(tables, "drafts"),
      alone: (step) => step(),
    },
    newId: () => `cid-${(ids += 1)}`,
    now: () => NOW,
    later: (step, seconds) => {
      const timer = { step, seconds };
      timers.push(timer);
      return () => timers.splice(timers.indexOf(timer), 1);
    },
  });
  chat.begin({
    guest,
    rooms: [{ name: "general", title: "General" }, ...rooms],
    room: roomInfo("general", { head: shown }),
    messages: log.slice(0, shown),
    moreBefore: false,
  });
  return { chat, connection, timers, forgotten };
}

export function textsOf(chat) {
  return chat.current.timeline.messages.map(({ text }) => text);
}

/** The timers that are due run out. */
export async function runOut(timers) {
  for (const { step } of timers.splice(0)) step();
  await settled();
}
