/* Something that tells others what happened to it: EventTarget with shorter verbs, and with a
   type for what it tells: the news by their names, each with its detail, or void. */

/** @template {Record<string, any>} News */
export class Emitter extends EventTarget {
  /** @template {keyof News & string} Name @param {Name} name @param {(detail: News[Name]) => unknown} listener */
  on(name, listener) {
    this.addEventListener(name, (event) => listener(/** @type {CustomEvent} */ (event).detail));
    return this;
  }

  /** @template {keyof News & string} Name
      @param {Name} name @param {News[Name] extends void ? [] : [detail: News[Name]]} detail */
  tell(name, ...[detail]) {
    this.dispatchEvent(new CustomEvent(name, { detail }));
  }
}
