/* What the page says, in the reader's language: the catalogue that the server wrote into it, see
   static/i18n. Where there is no page, in the models' tests, a key stands for its sentence. */

const catalogue = JSON.parse(globalThis.document?.getElementById("words")?.textContent ?? "{}");
const language = globalThis.document?.documentElement.lang || "en";
const plurals = new Intl.PluralRules(language);
const numbers = new Intl.NumberFormat(language);

/** The sentence of a key. `{name}` in it is one of the values; `count` chooses "key.one" or "key.other". */
export function t(key, values = {}) {
  const form = "count" in values ? `${key}.${plurals.select(values.count)}` : key;
  const sentence = catalogue[form] ?? catalogue[`${key}.other`] ?? form;
  return sentence.replace(/\{(\w+)\}/g, (place, name) => shown(values[name]) ?? place);
}

function shown(value) {
  return typeof value === "number" ? numbers.format(value) : value;
}
