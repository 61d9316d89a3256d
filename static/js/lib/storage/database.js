/* The browser's database: tables of values under string keys.

   What is put is committed at once, so that it is kept even if the page is left in the same
   moment. Where there is no database (switched off, full, an old private window), nothing is
   kept, `put` says so, and the chat goes on. */

const NAME = "chatapp";
const VERSION = 2;
const TABLES = ["outbox", "drafts", "rooms", "uploads", "blobs"];

export class Database {
  /** @type {Promise<IDBDatabase | null>} */
  #opened;

  /** @param {IDBFactory} [factory] */
  constructor(factory = globalThis.indexedDB) {
    this.factory = factory;
    this.#opened = this.#open();
  }

  /** Everything in a table; null if it cannot be read.
      @param {string} table @returns {Promise<Map<string, any> | null>} */
  async all(table) {
    const found = await this.#run(table, "readonly", (store) => [store.getAllKeys(), store.getAll()]);
    if (!found) return null;
    const [keys, values] = found;
    return new Map(keys.map((/** @type {string} */ key, /** @type {number} */ index) => [key, values[index]]));
  }

  /** @param {string} table @param {string} key @returns {Promise<any>} null if it is not there */
  async get(table, key) {
    const found = await this.#run(table, "readonly", (store) => [store.get(key)]);
    return found?.[0] ?? null;
  }

  /** Whether it is kept now. `isDear`: also if the power fails in the next moment.
      @param {string} table @param {string} key @param {any} value @param {{isDear?: boolean}} [how] */
  async put(table, key, value, { isDear = false } = {}) {
    const done = await this.#run(table, "readwrite", (store) => [store.put(value, key)], isDear);
    return done !== null;
  }

  /** @param {string} table @param {string} key */
  async delete(table, key) {
    return (await this.#run(table, "readwrite", (store) => [store.delete(key)])) !== null;
  }

  /** @param {string} table */
  async clear(table) {
    return (await this.#run(table, "readwrite", (store) => [store.clear()])) !== null;
  }

  /** What the requests gave, once all is committed; null if the browser would not.
      @param {string} table @param {IDBTransactionMode} mode @param {(store: IDBObjectStore) => IDBRequest[]} ask
      @param {boolean} [isDear] @returns {Promise<any[] | null>} */
  async #run(table, mode, ask, isDear = false) {
    const database = await this.#opened;
    if (!database) return null;
    return new Promise((resolve) => {
      try {
        const transaction = database.transaction(table, mode, { durability: isDear ? "strict" : "relaxed" });
        const requests = ask(transaction.objectStore(table));
        transaction.oncomplete = () => resolve(requests.map(({ result }) => result));
        transaction.onabort = () => resolve(null);
        transaction.commit();
      } catch {
        resolve(null); // The browser closed it under our hands.
      }
    });
  }

  /** @returns {Promise<IDBDatabase | null>} */
  #open() {
    return new Promise((resolve) => {
      let request;
      try {
        request = this.factory.open(NAME, VERSION);
      } catch {
        return resolve(null); // Not there, or not allowed.
      }
      request.onupgradeneeded = () => {
        const { result } = request;
        for (const table of TABLES) if (!result.objectStoreNames.contains(table)) result.createObjectStore(table);
      };
      request.onsuccess = () => resolve(this.#watched(request.result));
      request.onerror = () => resolve(null);
    });
  }

  /** Gives way to a newer page that wants other tables, and opens again what the browser closed.
      @param {IDBDatabase} database */
  #watched(database) {
    database.onversionchange = () => database.close();
    database.onclose = () => (this.#opened = this.#open());
    return database;
  }
}
