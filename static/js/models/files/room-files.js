/* All files of a room, of one kind or of all, newest first, in pages.

   `state`: "loading", "done", "failed" with `problem`. Tells "changed". */

import { Emitter } from "../../lib/browser/emitter.js";
import { ignoreUnanswered } from "../refused.js";

/** @import { Connection, FileInfo } from "../../types.js" */

const PAGE_SIZE = 40;

/** @typedef {"image" | "video" | "audio" | "document"} Kind */
/** @typedef {{ seq: number, sender: string, by?: string, at: string, file: FileInfo }} Found */

/** @extends {Emitter<{ changed: void }>} */
export class FilesOfRoom extends Emitter {
  /** @type {Found[]} */
  found = [];
  more = false;
  /** @type {"loading" | "done" | "failed"} */
  state = "loading";
  /** @type {string | null} */
  problem = null;
  #turn = 0;

  /** @param {Connection} connection @param {string} room @param {Kind} [kind] */
  constructor(connection, room, kind) {
    super();
    this.connection = connection;
    this.room = room;
    this.kind = kind;
  }

  /** The first page. */
  async begin() {
    this.found = [];
    await this.#ask();
  }

  /** The next page. */
  async loadMore() {
    if (this.more && this.state !== "loading") await this.#ask(this.found.at(-1)?.seq);
  }

  /** @param {number} [before] */
  async #ask(before) {
    const turn = (this.#turn += 1);
    this.#become({ state: "loading", problem: null });
    const { room, kind } = this;
    const asked = { room, limit: PAGE_SIZE, ...(kind && { kind }), ...(before && { before }) };
    try {
      const { files, more } = await this.connection.request("files", asked);
      if (turn === this.#turn) this.#become({ state: "done", found: [...this.found, ...files], more });
    } catch (error) {
      ignoreUnanswered(error);
      if (turn === this.#turn) this.#become({ state: "failed", problem: error.message });
    }
  }

  /** @param {Partial<Pick<FilesOfRoom, "state" | "problem" | "found" | "more">>} news */
  #become(news) {
    Object.assign(this, news);
    this.tell("changed");
  }
}
