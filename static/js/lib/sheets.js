/* The style sheet of what opens over the page: it is not needed before. */

/** @type {HTMLMetaElement | null} */
const later = document.querySelector("meta[name=later-sheet]");
export const LATER_SHEET = new URL(later?.content ?? "", location.href).href;
/** @type {Promise<void> | null} */
let loading = null;

/** Resolved when it is there; fails where the network is away, and tries again when asked again. */
export function laterSheet() {
  loading ??= load(LATER_SHEET).catch((error) => {
    loading = null;
    throw error;
  });
  return loading;
}

/** @param {string} href @returns {Promise<void>} */
function load(href) {
  return new Promise((resolve, reject) => {
    const link = Object.assign(document.createElement("link"), { rel: "stylesheet", href });
    link.addEventListener("load", () => resolve());
    link.addEventListener("error", () => {
      link.remove();
      reject(new Error(`${href} did not come.`));
    });
    document.head.append(link);
  });
}
