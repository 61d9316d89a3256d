/* The style sheets of what opens over the page, of files and of formatted texts: they are not needed
   before. */

export const LATER_SHEET = addressOf("later-sheet");
/** @type {Map<string, Promise<void>>} */
const loading = new Map();

/** Resolved when it is there; fails where the network is away, and tries again when asked again.
    @param {string} name of the <meta> that has its address; none: the page came with it */
export async function sheet(name) {
  if (!metaOf(name)) return;
  const known = loading.get(name) ?? loadSheet(addressOf(name)).catch((error) => {
    loading.delete(name);
    throw error;
  });
  loading.set(name, known);
  await known;
}

export function laterSheet() {
  return sheet("later-sheet");
}

/** @param {string} name */
function addressOf(name) {
  return new URL(metaOf(name)?.getAttribute("content") ?? "", location.href).href;
}

/** @param {string} name */
function metaOf(name) {
  return document.querySelector(`meta[name=${name}]`);
}

/** @param {string} href @returns {Promise<void>} */
export function loadSheet(href) {
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
