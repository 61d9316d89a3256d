/* A table of the browser's database that is at hand: read from memory, written through, and the
   same in all tabs. What could not be written holds until the page is left.

   Tells "changed" {key, value} of what another tab did; value is null for what it took away. */

import { Emitter } from "../browser/emitter.js";

/** What a shelf needs of the database.
    @typedef {{
      all: (table: string) => Promise<Map<string, any> | null>,
      put: (table: string, key: string, value: any, how?: { isDear?: boolean }) => Promise<boolean>,
      delete: (table: string, key: string) => Promise<boolean> }} Tables */
/** What it needs of a BroadcastChannel.
    @typedef {{ postMessage: (message: any) => void, onmessage: ((event: any) => void) | null }} Channel */

/** @extends {Emitter<{changed: {key: string, value: any}}>} */
export class Shelf extends Emitter {
  /** @type {Map<string, any>} */
  #values = new Map();
  /** @type {Set<string>} what changed since reading began: there, memory knows better */
  #fresh = new Set();
  /** @type {Set<string>} what is here and could not be written */
  #unkept = new Set();

  /** @param {{tables: Tables, table: string, channel?: Channel | null, isDear?: boolean}} parts */
  constructor({ tables, table, channel = null, isDear = false }) {
    super();
    this.tables = tables;
    this.table = table;
    this.channel = channel;
    this.isDear = isDear;
    if (channel) channel.onmessage = ({ data }) => this.#hear(data);
  }

  /** Takes what is kept; also what other tabs have kept since. */
  async load() {
    this.#fresh.clear();
    const kept = await this.tables.all(this.table);
    if (!kept) return;
    for (const [key, value] of kept) if (!this.#fresh.has(key)) this.#values.set(key, value);
    for (const key of this.#values.keys()) {
      if (!kept.has(key) && !this.#fresh.has(key) && !this.#unkept.has(key)) this.#values.delete(key);
    }
  }

  /** @param {string} key */
  get(key) {
    return this.#values.get(key) ?? null;
  }

  get all() {
    return [...this.#values];
  }

  /** Whether it is kept now.
      @param {string} key @param {any} value */
  async put(key, value) {
    this.#take(key, value);
    this.channel?.postMessage({ key, value });
    const isKept = await this.tables.put(this.table, key, value, { isDear: this.isDear });
    if (isKept) this.#unkept.delete(key);
    else this.#unkept.add(key);
    return isKept;
  }

  /** @param {string} key */
  async forget(key) {
    this.#take(key, null);
    this.#unkept.delete(key);
    this.channel?.postMessage({ key, value: null });
    await this.tables.delete(this.table, key);
  }

  /** @param {{key: string, value: any}} news */
  #hear({ key, value }) {
    this.#take(key, value);
    this.tell("changed", { key, value });
  }

  /** @param {string} key @param {any} value */
  #take(key, value) {
    this.#fresh.add(key);
    if (value === null) this.#values.delete(key);
    else this.#values.set(key, value);
  }
}
