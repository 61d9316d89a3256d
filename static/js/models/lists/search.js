/* A search that follows what is typed: asks when the typing pauses, and only the answer to the last
   question counts.

   `state`: "idle" (nothing is sought), "searching", "done", "failed" with `problem`, and whether
   it `mayHelp` to ask the same again.
   Tells "changed". */

import { Emitter } from "../../lib/browser/emitter.js";
import { Lost, ignoreUnanswered } from "../refused.js";

/** @import { Connection, Later, Message } from "../../types.js" */

const PAUSE_SECONDS = 0.15;
const PAGE_SIZE = 25;

/** @extends {Emitter<{ changed: void }>} */
export class Search extends Emitter {
  query = "";
  /** @type {"idle" | "searching" | "done" | "failed"} */
  state = "idle";
  /** @type {string | null} */
  problem = null;
  mayHelp = false;
  /** @type {Message[]} */
  messages = [];
  more = false;
  /** @type {number | null | undefined} */
  #before;
  #turn = 0;
  #callOff = () => {};

  /** @param {{ connection: Connection, later: Later }} parts */
  constructor({ connection, later }) {
    super();
    this.connection = connection;
    this.later = later;
  }

  /** @param {string} query */
  type(query) {
    if (query.trim() === this.query) return;
    this.query = query.trim();
    this.again();
  }

  /** Asks for the same from the start. */
  again() {
    this.#callOff();
    this.#turn += 1;
    if (this.query === "") return this.#show({ state: "idle", messages: [], more: false });
    this.#show({ state: "searching" });
    this.#callOff = this.later(() => this.#ask(), PAUSE_SECONDS);
  }

  /** The next page. */
  async loadMore() {
    if (this.more && this.state === "done") await this.#ask(this.#before);
  }

  /** @param {number | null} [before] */
  async #ask(before) {
    const turn = (this.#turn += 1);
    this.#show({ state: "searching" });
    const page = before ? { before } : {};
    try {
      const answer = await this.connection.request("search", { query: this.query, limit: PAGE_SIZE, tz: zone(), ...page });
      if (turn !== this.#turn) return;
      this.#before = answer.before;
      const messages = before ? [...this.messages, ...answer.messages] : answer.messages;
      this.#show({ state: "done", messages, more: answer.more });
    } catch (error) {
      ignoreUnanswered(error);
      const mayHelp = error instanceof Lost || error.code !== "bad_payload";
      if (turn === this.#turn) this.#show({ state: "failed", problem: error.message, mayHelp });
    }
  }

  /** @param {Partial<Pick<Search, "state" | "problem" | "mayHelp" | "messages" | "more">>} news */
  #show(news) {
    Object.assign(this, { problem: null }, news);
    this.tell("changed");
  }
}

/** Whose days `after:` and `before:` mean. */
function zone() {
  return Intl.DateTimeFormat().resolvedOptions().timeZone;
}
