/* Something that tells others what happened to it: EventTarget with shorter verbs. */

export class Emitter extends EventTarget {
  on(type, listener) {
    this.addEventListener(type, (event) => listener(event.detail));
    return this;
  }

  tell(type, detail) {
    this.dispatchEvent(new CustomEvent(type, { detail }));
  }
}
