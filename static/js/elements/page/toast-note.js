/* <toast-note>: a sentence about what was just done. It goes by itself, or when there is another. */

const SAID_FOR_MS = 6_000;

export class ToastNote extends HTMLElement {
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  /** @param {string} text */
  say(text) {
    clearTimeout(this.#timer);
    this.textContent = text;
    this.#timer = setTimeout(() => (this.textContent = ""), SAID_FOR_MS);
  }
}

customElements.define("toast-note", ToastNote);
