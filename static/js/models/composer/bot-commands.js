/* The slash commands that bots offer in a room, and how they run. The server is asked for them when somebody types a
   slash, and again after half a minute. */

import { Lost, ignoreUnanswered } from "../refused.js";

const FRESH_MS = 30_000;

/** @import { OfferedCommand } from "../../wire.js" */
/** @import { Connection } from "../../types.js" */

/** @typedef {{ room: string, name: string, text: string, thread?: number }} Typed */

export class BotCommands {
  #connection;
  #now;
  #newId;
  /** @type {Map<string, { at: number, commands: Promise<OfferedCommand[]> }>} by room */
  #known = new Map();
  /** @type {{ what: string, cid: string } | null} what nobody has answered: the same again is the same run */
  #unanswered = null;

  /** @param {Pick<Connection, "request">} connection @param {{ now: () => number, newId: () => string }} how `now` in
      milliseconds */
  constructor(connection, { now, newId }) {
    this.#connection = connection;
    this.#now = now;
    this.#newId = newId;
  }

  /** Done when a bot has taken it; throws Refused or Lost.
      @param {Typed} typed */
  async run(typed) {
    const what = JSON.stringify(typed);
    const cid = this.#unanswered?.what === what ? this.#unanswered.cid : this.#newId();
    this.#unanswered = null;
    try {
      await this.#connection.request("run_command", { ...typed, cid });
    } catch (error) {
      if (error instanceof Lost) this.#unanswered = { what, cid };
      throw error;
    }
  }

  /** Those of a room that begin so. None while the server does not answer.
      @param {string} room @param {string} begun @returns {Promise<OfferedCommand[]>} */
  async like(room, begun) {
    const commands = await this.#of(room);
    return commands.filter(({ name }) => name.startsWith(begun.toLowerCase()));
  }

  /** @param {string} room */
  #of(room) {
    const known = this.#known.get(room);
    if (known && this.#now() - known.at < FRESH_MS) return known.commands;
    const commands = this.#ask(room);
    this.#known.set(room, { at: this.#now(), commands });
    return commands;
  }

  /** @param {string} room */
  async #ask(room) {
    try {
      return (await this.#connection.request("commands", { room })).commands;
    } catch (error) {
      this.#known.delete(room);
      ignoreUnanswered(error);
      return [];
    }
  }
}
