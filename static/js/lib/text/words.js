/* What the page says, in the reader's language. What it needs from the beginning of the catalogue,
   static/i18n, the server wrote into it; the rest comes with what opens later. Where there is no page, in
   the models' tests, a key stands for its sentence. */

/** @type {(HTMLElement & { catalogue?: Record<string, string> }) | null | undefined} */
const place = globalThis.document?.getElementById("words");
/** One for all copies of this module: scripts that are not in the joined files import it by itself.
    @type {Record<string, string>} */
const catalogue = place?.catalogue ?? JSON.parse(place?.textContent ?? "{}");
if (place) place.catalogue = catalogue;
const language = globalThis.document?.documentElement.lang || "en";
/** All sentences. */
export const CATALOGUE = `/static/i18n/${language}.json`;
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

/** The sentence of a key. `{name}` in it is one of the values; `count` chooses "key.one" or "key.other".
    @param {string} key @param {Record<string, string | number> & { count?: number }} [values] */
export function t(key, values = {}) {
  const form = values.count !== undefined ? `${key}.${plurals.select(values.count)}` : key;
  const sentence = catalogue[form] ?? catalogue[`${key}.other`] ?? form;
  return sentence.replace(/\{(\w+)\}/g, (place, name) => shown(values[name]) ?? place);
}

/** @type {Promise<void> | null} */
let learning = null;

/** Learns all sentences, once; fails where the network is away, and tries again when asked again. */
export function learnAllWords() {
  learning ??= learn().catch((error) => {
    learning = null;
    throw error;
  });
  return learning;
}

async function learn() {
  const answer = await fetch(CATALOGUE);
  if (!answer.ok) throw new Error(`${CATALOGUE} did not come.`);
  Object.assign(catalogue, await answer.json());
}

/** Whether there is a sentence for this key.
    @param {string} key */
export function isSaid(key) {
  return key in catalogue;
}

/** @param {string | number | undefined} value */
function shown(value) {
  return typeof value === "number" ? numbers.format(value) : value;
}
