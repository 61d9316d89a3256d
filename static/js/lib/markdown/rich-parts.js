/* What becomes of parts of a message a moment after its text: formulas and diagrams are drawn, code has colours.
   Loaded when there is such a part. What is read does not move meanwhile. */

/** @typedef {{ t: typeof import("../text/words.js").t, loadSheet(href: string): Promise<void>, learnAllWords(): Promise<void> }} Tools */

const FORMULA = ".math";
const DIAGRAM = "pre > code.language-mermaid";
const CODE = "pre > code[class^=language-]:not(.language-mermaid)";

/** What draws, once it is loaded.
    @type {Record<string, Promise<(node: Element) => void> | null>} */
const drawers = {};

/** @param {Element} node @param {Tools} tools */
export async function improve(node, tools) {
  await Promise.all([
    node.querySelector(FORMULA) && draw(node, "formulas", () => loadFormulas(tools)),
    node.querySelector(DIAGRAM) && draw(node, "diagrams", () => loadDiagrams(tools)),
    node.querySelector(CODE) && colour(node),
  ]);
}

/** @param {Element} node @param {string} what @param {() => Promise<(node: Element) => void>} load */
async function draw(node, what, load) {
  drawers[what] ??= load().catch((error) => {
    drawers[what] = null; // The next one asks again.
    throw error;
  });
  (await drawers[what])(node);
}

/** @param {Tools} tools */
async function loadFormulas(tools) {
  const [{ formulaDrawer }] = await Promise.all([import("./math.js"), tools.learnAllWords()]);
  const drawFormulas = await formulaDrawer(tools);
  return (/** @type {Element} */ node) => keepStill(node, () => drawFormulas(node));
}

/** @param {Tools} tools */
async function loadDiagrams(tools) {
  const [{ diagramDrawer }] = await Promise.all([import("./diagrams.js"), tools.learnAllWords()]);
  return diagramDrawer(tools, keepStill);
}

/** @param {Element} node */
async function colour(node) {
  const { highlight } = await import("./highlighting.js");
  await highlight(node);
}

/** Changes what is in a message without moving what is read.
    @param {Element} node @param {() => void} change */
function keepStill(node, change) {
  /** @type {(HTMLElement & { keepStill(change: () => void): void }) | null} */
  const scrolled = node.closest("message-log, thread-view");
  if (scrolled) scrolled.keepStill(change);
  else change();
}
