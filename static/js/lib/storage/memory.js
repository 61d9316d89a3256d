/* What the browser keeps over a reload: values under names, as JSON. Works on anything like
   localStorage. Where storage is switched off or full, things hold until the page is left, and
   the chat goes on. */

const PREFIX = "chatapp.";

export class Memory {
  #storage;

  /** @param {() => Storage} storage */
  constructor(storage) {
    this.#storage = storage;
  }

  /** @param {string} name @param {any} [otherwise] @returns {any} whatever was put there */
  get(name, otherwise = null) {
    const kept = this.#try((storage) => storage.getItem(PREFIX + name));
    try {
      return kept ? JSON.parse(kept) : otherwise;
    } catch {
      return otherwise; // Not written by us.
    }
  }

  /** @param {string} name @param {unknown} value */
  put(name, value) {
    this.#try((storage) => storage.setItem(PREFIX + name, JSON.stringify(value)));
  }

  /** @param {string} name */
  forget(name) {
    this.#try((storage) => storage.removeItem(PREFIX + name));
  }

  /** All [name, value] whose name begins with `start`.
      @param {string} start @returns {[string, any][]} */
  entries(start) {
    const keys = this.#try((storage) => Object.keys(storage)) ?? [];
    return keys
      .filter((key) => key.startsWith(PREFIX + start))
      .map((key) => key.slice(PREFIX.length))
      .map((name) => /** @type {[string, any]} */ ([name, this.get(name)]))
      .filter(([, value]) => value !== null);
  }

  /** @template T @param {(storage: Storage) => T} step */
  #try(step) {
    try {
      return step(this.#storage());
    } catch {
      return null;
    }
  }
}
