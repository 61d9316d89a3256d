/* <language-switch>: the page in another language. The server writes the page, so it is told by a
   cookie, chatapp/web/languages.py, and asked again. */

const A_YEAR_SECONDS = 365 * 24 * 60 * 60;

class LanguageSwitch extends HTMLElement {
  connectedCallback() {
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => this.#choose(this.button.dataset.language));
  }

  #choose(language) {
    document.cookie = `language=${language}; path=/; max-age=${A_YEAR_SECONDS}; samesite=lax`;
    location.reload();
  }
}

customElements.define("language-switch", LanguageSwitch);
