/* The language of all pages. The server writes them, so it is told, chatapp/web/languages.py, and asked
   again. */

import { keepCookie } from "../storage/cookies.js";

/** @param {string} language */
export function speak(language) {
  keepCookie("language", language);
  location.reload();
}
