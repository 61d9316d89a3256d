/* The language of all pages. The server writes them, so it is told, chatapp/web/languages.py, and asked
   again. */

import { keepWish } from "./wishes.js";

/** @param {string} language */
export function speak(language) {
  keepWish("language", language);
  location.reload();
}
