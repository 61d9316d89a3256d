/* What the formatting bar, its shortcuts and a new line do to a text: pure, in Markdown's marks. Each gives
   the part that changes, what comes in its place, and what is selected then; null is nothing. */

/** A text, and what is selected in it.
    @typedef {{ text: string, start: number, end: number }} Selected */
/** @typedef {{ from: number, to: number, insert: string, select: [number, number] }} Change */

const FENCE = "```";
const ITEM = /^(?<indent>[ \t]*)(?:(?<bullet>[-*+])(?<task> \[[ xX]\])?|(?<number>[0-9]{1,9})(?<dot>[.)])|(?<quote>>)) (?<said>.*)$/u;
const WEB = /^https?:\/\/\S+$/iu;

/** Around what is selected, or taken away where it stands already: "**", "*", "~~", "`".
    @param {Selected} field @param {string} mark @returns {Change} */
export function marked({ text, start, end }, mark) {
  while (start < end && /\s/u.test(text[start])) start += 1;
  while (end > start && /\s/u.test(text[end - 1])) end -= 1;
  const within = text.slice(start, end);
  if (mark === "`" && within.includes("\n")) return fenced(text, start, end);
  const { length } = mark;
  if (stands(text, start, end, mark)) {
    return { from: start - length, to: end + length, insert: within, select: [start - length, end - length] };
  }
  return { from: start, to: end, insert: `${mark}${within}${mark}`, select: [start + length, end + length] };
}

/** `***` is bold and italic: of stars, an odd number has the italic one.
    @param {string} text @param {number} start @param {number} end @param {string} mark */
function stands(text, start, end, mark) {
  let count = 0;
  while (text[start - 1 - count] === mark[0] && text[end + count] === mark[0]) count += 1;
  return mark === "*" ? count % 2 === 1 : count >= mark.length;
}

/** @param {string} text @param {number} start @param {number} end @returns {Change} */
function fenced(text, start, end) {
  const before = start > 0 && text[start - 1] !== "\n" ? "\n" : "";
  const behind = end < text.length && text[end] !== "\n" ? "\n" : "";
  const insert = `${before}${FENCE}\n${text.slice(start, end)}\n${FENCE}${behind}`;
  const from = start + before.length + FENCE.length + 1;
  return { from: start, to: end, insert, select: [from, from + end - start] };
}

/** A link over what is selected; what is left to write is selected.
    @param {Selected} field @param {string} [address] @returns {Change} */
export function linked({ text, start, end }, address = "") {
  const within = text.slice(start, end);
  const [label, url] = !address && isAddress(within) ? ["", within] : [within, address || "https://"];
  const insert = `[${label}](${url})`;
  const behind = start + insert.length;
  /** @type {[number, number]} */
  const left = label === "" ? [start + 1, start + 1] : [behind - 1 - url.length, behind - 1];
  return { from: start, to: end, insert, select: address ? [behind, behind] : left };
}

/** @param {string} text */
export function isAddress(text) {
  return WEB.test(text.trim());
}

/** Each line that is selected gets a beginning, or loses it where all have it: "- ", "1. ", "> ".
    @param {Selected} field @param {"list" | "numbers" | "quote"} kind @returns {Change} */
export function begun({ text, start, end }, kind) {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const next = text.indexOf("\n", end);
  const to = next === -1 ? text.length : next;
  const lines = text.slice(from, to).split("\n");
  const has = { list: /^[-*+] /u, numbers: /^[0-9]{1,9}[.)] /u, quote: /^> ?/u }[kind];
  const isDone = lines.every((line) => has.test(line));
  const beginnings = { list: () => "- ", numbers: (/** @type {number} */ at) => `${at + 1}. `, quote: () => "> " };
  const insert = lines
    .map((line, at) => (isDone ? line.replace(has, "") : `${beginnings[kind](at)}${line.replace(/^(?:[-*+]|[0-9]{1,9}[.)]) /u, "")}`))
    .join("\n");
  const caret = from + insert.length;
  return { from, to, insert, select: lines.length > 1 ? [from, caret] : [caret, caret] };
}

/** A new line within a list or a quotation goes on with it; behind an item that says nothing, it ends.
    @param {Selected} field @returns {Change | null} */
export function nextLine({ text, start, end }) {
  const from = text.lastIndexOf("\n", start - 1) + 1;
  const found = ITEM.exec(text.slice(from, start))?.groups;
  if (!found) return null;
  if (found.said.trim() === "") return { from, to: end, insert: "", select: [from, from] };
  const sign = found.quote ?? (found.bullet ? found.bullet + (found.task ? " [ ]" : "") : `${Number(found.number) + 1}${found.dot}`);
  const insert = `\n${found.indent}${sign} `;
  return { from: start, to: end, insert, select: [start + insert.length, start + insert.length] };
}
