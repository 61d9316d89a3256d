/* The only file that knows Socket.IO.

   The client library reconnects by itself, after 1 s … 30 s with jitter. One case it leaves to
   us, a connection that the server refused for now. One that the server ended for good stays
   ended until somebody asks for it. A server that stops while others go on says when to come. Requests are never buffered: what cannot go out is Lost at
   once, and the outbox decides what is sent again, and in which order.

   A WebSocket is tried first, which is there at once. A network that refuses it falls back to
   polling by itself; one that swallows it without a word does after SILENCE_MS, and from then on
   polling comes first, and the library upgrades it to a WebSocket where it can.

   Tells "online", "offline", "ended" {reason} (for good), "refused" {code, message} (asking again
   is of no use), and "event" {name, payload} for whatever else the server emits. */

import { io } from "../vendor/socket.io-client/socket.io.esm.min.js";
import { Emitter } from "./lib/browser/emitter.js";
import { Lost, Refused } from "./models/refused.js";

/** @import { Requests } from "./types.js" */

const ANSWER_WITHIN_MS = 10_000;
const SILENCE_MS = 8_000;
const CONNECT_WITHIN_MS = 20_000;
const RECONNECT_AFTER_MS = 1_000;
const RECONNECT_AFTER_AT_MOST_MS = 30_000;
const RETRY_AFTER_AT_LEAST_MS = 250;
const FOR_GOOD = new Set(["unauthorized", "name_taken", "bad_name", "not_allowed"]);

/** @extends {Emitter<import("./types.js").ConnectionNews>} */
export class Connection extends Emitter {
  #socket;
  #wait = RECONNECT_AFTER_MS;
  /** @type {{ reason?: string }} */
  #closing = {};

  constructor() {
    super();
    this.#socket = io({
      autoConnect: false,
      transports: ["websocket", "polling"],
      tryAllTransports: true,
      timeout: SILENCE_MS,
      reconnectionDelay: RECONNECT_AFTER_MS,
      reconnectionDelayMax: RECONNECT_AFTER_AT_MOST_MS,
      randomizationFactor: 0.5,
    });
    this.#socket
      .on("connect", () => this.#connected())
      .on("disconnect", (reason) => this.#disconnected(reason))
      .on("connect_error", (error) => this.#failed(error))
      .onAny((name, payload) => this.#heard(name, payload));
  }

  start() {
    this.#socket.connect();
    addEventListener("online", () => this.#socket.active && this.tryNow());
  }

  /** Does not wait for the next attempt. */
  tryNow() {
    if (!this.#socket.connected) this.#socket.disconnect().connect();
  }

  /** Sends an event and gives its ack; throws Refused or Lost.
      @template {keyof Requests} E @param {E} event @param {Requests[E][0]} payload @returns {Promise<Requests[E][1]>} */
  async request(event, payload) {
    const answer = await this.#ask(event, payload);
    if (!answer.ok) throw new Refused(answer.error);
    return answer;
  }

  /** Sends an event that nobody answers, if it can go out now.
      @param {string} event @param {object} payload */
  emit(event, payload) {
    if (this.#socket.connected) this.#socket.volatile.emit(event, payload);
  }

  /** @param {string} event @param {unknown} payload */
  async #ask(event, payload) {
    if (!this.#socket.connected) throw new Lost();
    try {
      return await this.#socket.timeout(ANSWER_WITHIN_MS).emitWithAck(event, payload);
    } catch {
      throw new Lost(); // Timed out, or disconnected: the library's errors say no more.
    }
  }

  #connected() {
    this.#wait = RECONNECT_AFTER_MS;
    this.#closing = {};
    this.#socket.io.reconnectionDelay(RECONNECT_AFTER_MS);
    this.tell("online");
  }

  /** @param {string} reason */
  #disconnected(reason) {
    this.tell("offline");
    if (reason === "io server disconnect") this.tell("ended", this.#closing);
  }

  /** @param {Error & { data?: import("./wire.js").Problem }} error */
  #failed(error) {
    this.tell("offline");
    if (error.message === "timeout") this.#pollFirst();
    if (error.data && FOR_GOOD.has(error.data.code)) this.tell("refused", new Refused(error.data));
    else if (!this.#socket.active) this.#connectLater();
  }

  #pollFirst() {
    this.#socket.io.opts.transports = ["polling", "websocket"];
    this.#socket.io.timeout(CONNECT_WITHIN_MS);
  }

  #connectLater() {
    const jitter = 0.5 + Math.random();
    setTimeout(() => this.#socket.connect(), this.#wait * jitter);
    this.#wait = Math.min(this.#wait * 2, RECONNECT_AFTER_AT_MOST_MS);
  }

  /** @param {string} name @param {any} payload what it is, its name says */
  #heard(name, payload) {
    if (name === "closing") this.#isClosing(payload);
    else this.tell("event", { name, payload });
  }

  /** @param {import("./wire.js").Closing} closing */
  #isClosing(closing) {
    this.#closing = closing;
    const seconds = closing.retry_after;
    if (seconds !== undefined) this.#socket.io.reconnectionDelay(Math.max(1000 * seconds, RETRY_AFTER_AT_LEAST_MS));
  }
}
