/* Wishes of this browser that the server has to know when it writes the page: cookies. */

const A_YEAR_SECONDS = 365 * 24 * 60 * 60;

/** @param {string} name */
export function wish(name) {
  const kept = document.cookie.split("; ").find((cookie) => cookie.startsWith(`${name}=`));
  return kept?.slice(name.length + 1) ?? "";
}

/** @param {string} name @param {string} value letters, digits, "." and "_" */
export function keepWish(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${A_YEAR_SECONDS}; samesite=lax`;
}
