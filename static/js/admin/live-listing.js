// <live-listing form="…">: the results of a filter form, found again while one types, and, with
// the box to follow what comes in checked, every few seconds. The server draws the page; this only puts
// its new results in the place of the old. Without this script the form's button does the same.

const TYPING_PAUSE_MS = 250;
const FOLLOW_EVERY_MS = 3000;

class LiveListing extends HTMLElement {
  #form = null;
  #typing = 0;
  #following = 0;
  #asked = null;

  // Lifecycle

  connectedCallback() {
    this.#form = document.getElementById(this.getAttribute("form"));
    this.#form.addEventListener("input", () => this.#searchSoon());
    this.addEventListener("change", (event) => {
      if (event.target.name === "follow") this.#follow(event.target.checked);
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

  #follow(wanted) {
    clearInterval(this.#following);
    this.#following = wanted ? setInterval(() => this.#show(this.#wanted()), FOLLOW_EVERY_MS) : 0;
  }

  // Internal

  #wanted() {
    const query = new URLSearchParams(new FormData(this.#form));
    for (const [name, value] of [...query]) if (!value) query.delete(name);
    const url = new URL(this.#form.action);
    url.search = query;
    return url;
  }

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
    if (!label || new URL(location).search.match(/[?&](before|after|around)=/)) return;
    label.hidden = false;
    label.querySelector("input").checked = this.#following !== 0;
  }
}

customElements.define("live-listing", LiveListing);
