/* Cookies: what this browser has chosen that the server has to know when it writes the page. */

const A_YEAR_SECONDS = 365 * 24 * 60 * 60;

/** @param {string} name */
export function readCookie(name) {
  const kept = document.cookie.split("; ").find((cookie) => cookie.startsWith(`${name}=`));
  return kept?.slice(name.length + 1) ?? "";
}

/** @param {string} name @param {string} value letters, digits, "." and "_" */
export function keepCookie(name, value) {
  document.cookie = `${name}=${value}; path=/; max-age=${A_YEAR_SECONDS}; samesite=lax`;
}
