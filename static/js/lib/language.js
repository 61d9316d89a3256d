/* The language of all pages. The server writes them, so it is told by a cookie,
   chatapp/web/languages.py, and asked again. */

const A_YEAR_SECONDS = 365 * 24 * 60 * 60;

/** @param {string} language */
export function speak(language) {
  document.cookie = `language=${language}; path=/; max-age=${A_YEAR_SECONDS}; samesite=lax`;
  location.reload();
}
