// <live-listing form="…">: the results of a filter form, found again while one types, and, with
// the box to follow what comes in checked, every few seconds. The server draws the page; this only puts
// its new results in the place of the old. Without this script the form's button does the same.

import { part } from "../lib/page/parts.js";

const TYPING_PAUSE_MS = 250;
const FOLLOW_EVERY_MS = 3000;

class LiveListing extends HTMLElement {
  #form = part(document, `#${this.getAttribute("form")}`, HTMLFormElement);
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #typing;
  /** @type {ReturnType<typeof setInterval> | undefined} */
  #following;
  /** @type {AbortController | undefined} */
  #asked;

  // Lifecycle

  connectedCallback() {
    this.#form.addEventListener("input", () => this.#searchSoon());
    this.addEventListener("change", ({ target }) => {
      if (target instanceof HTMLInputElement && target.name === "follow") this.#follow(target.checked);
    });
    this.#offerToFollow();
  }

  disconnectedCallback() {
    clearTimeout(this.#typing);
    clearInterval(this.#following);
  }

  // Actions

  #searchSoon() {
    clearTimeout(this.#typing);
    this.#typing = setTimeout(() => this.#show(this.#wanted()), TYPING_PAUSE_MS);
  }

  /** @param {boolean} wanted */
  #follow(wanted) {
    clearInterval(this.#following);
    this.#following = wanted ? setInterval(() => this.#show(this.#wanted()), FOLLOW_EVERY_MS) : undefined;
  }

  // Internal

  #wanted() {
    const written = /** @type {[string, string][]} */ ([...new FormData(this.#form)]); // It has no files.
    const query = new URLSearchParams(written);
    for (const [name, value] of [...query]) if (!value) query.delete(name);
    const url = new URL(this.#form.action);
    url.search = query.toString();
    return url;
  }

  /** @param {URL} url */
  async #show(url) {
    this.#asked?.abort();
    this.#asked = new AbortController();
    let page;
    try {
      const answer = await fetch(url, { signal: this.#asked.signal });
      page = new DOMParser().parseFromString(await answer.text(), "text/html");
    } catch {
      return; // overtaken by a newer question, or the server is away: the old results stay
    }
    const results = page.querySelector("live-listing");
    if (!results) return location.assign(url); // signed out meanwhile
    this.replaceChildren(...results.children);
    history.replaceState(null, "", url);
    this.#offerToFollow();
  }

  #offerToFollow() {
    const label = this.querySelector(".follow");
    if (!(label instanceof HTMLElement) || location.search.match(/[?&](before|after|around)=/)) return;
    label.hidden = false;
    part(label, "input", HTMLInputElement).checked = this.#following !== undefined;
  }
}

customElements.define("live-listing", LiveListing);
