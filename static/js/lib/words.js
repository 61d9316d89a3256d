/* What the page says, in the reader's language: the catalogue that the server wrote into it, see
   static/i18n. Where there is no page, in the models' tests, a key stands for its sentence. */

/** @type {Record<string, string>} */
const catalogue = JSON.parse(globalThis.document?.getElementById("words")?.textContent ?? "{}");
const language = globalThis.document?.documentElement.lang || "en";
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

/** The sentence of a key. `{name}` in it is one of the values; `count` chooses "key.one" or "key.other".
    @param {string} key @param {Record<string, string | number> & { count?: number }} [values] */
export function t(key, values = {}) {
  const form = values.count !== undefined ? `${key}.${plurals.select(values.count)}` : key;
  const sentence = catalogue[form] ?? catalogue[`${key}.other`] ?? form;
  return sentence.replace(/\{(\w+)\}/g, (place, name) => shown(values[name]) ?? place);
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
