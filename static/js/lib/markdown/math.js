/* Draws the formulas of a message with KaTeX; loaded, with it and its styles, when there is the first one.

   KaTeX makes nodes, no HTML, and with `trust` off none that lead or load anything from anywhere. For the eye
   they are in its fonts; screen readers get its MathML. What it refuses, and what is very long, stays as it
   was typed, with the reason. Whoever copies a formula has its source. */

/** @typedef {{ loadSheet(href: string): Promise<void>, t: typeof import("../text/words.js").t }} Tools */

const KATEX = "../../../vendor/katex/katex.min.js";
const SHEET = "../../../sheets/math.css";
/** What nearly every formula needs: with them, nothing moves once it is drawn. */
const FONTS = ["1em KaTeX_Main", "italic 1em KaTeX_Math", "1em KaTeX_Size1", "1em KaTeX_Size2"];
/** chatapp/text/formulas.py has the same number. */
const CHARACTERS_AT_MOST = 2_000;
/** KaTeX takes seconds for hundreds of roots in roots, and macros would multiply them; as on the server. */
const LEVELS_AT_MOST = 40;
const LEVELS = /[{}]|\\(?:begin|end|left|right)(?![A-Za-z])/gu;
const CHAIN = /(?:\\[A-Za-z]+[ \t\n]*){40}/u;
const DEFINES = /\\(?:[gex]?def|let|futurelet|(?:re)?newcommand|providecommand)(?![A-Za-z])/u;
/** Of all formulas of a message together, so that hundreds of them cost a moment and not a page. */
const ELEMENTS_AT_MOST = 5_000;
/** Formulas within formulas: at some 1,500 levels of elements, browsers crash. Talk has up to 60. */
const DEPTH_AT_MOST = 120;
const OPTIONS = /** @type {const} */ ({ trust: false, strict: "ignore", maxSize: 20, maxExpand: 200, output: "htmlAndMathml", errorColor: "currentcolor" });

/** Gives what draws the formulas of a node.
    @param {Tools} tools */
export async function formulaDrawer({ loadSheet, t }) {
  await Promise.all([import(KATEX), loadSheet(new URL(SHEET, import.meta.url).href)]);
  await Promise.all(FONTS.map((font) => document.fonts.load(font)));
  document.addEventListener("copy", copySources);
  return (/** @type {Element} */ node) => {
    /** @type {NodeListOf<HTMLElement>} */
    const places = node.querySelectorAll(".math:not([data-source])");
    let left = ELEMENTS_AT_MOST;
    for (const place of places) {
      const formula = place.textContent;
      const isDisplayed = place.matches(".display");
      place.dataset.source = formula;
      if (left <= 0) {
        place.classList.add("broken");
        continue;
      }
      const { drawn, problem } = drawnOf(sourceOf(formula), isDisplayed);
      left -= drawn ? drawn.querySelectorAll("*").length : 0;
      if (drawn && left >= 0 && depthOf(drawn) <= DEPTH_AT_MOST) place.replaceChildren(...drawn.childNodes);
      else showSource(place, formula, problem ? t("math.broken", { reason: problem }) : t("math.too-much"));
      if (isDisplayed) place.tabIndex = 0; // It may be wider than the screen.
    }
  };
}

/** The nodes of a formula, or what is wrong with it; neither, if it is too much.
    @param {string} source @param {boolean} displayMode @returns {{ drawn?: Element, problem?: string }} */
function drawnOf(source, displayMode) {
  if (DEFINES.test(source)) return { problem: "macros can't be defined here" };
  if (source.length > CHARACTERS_AT_MOST || isDeep(source)) return {};
  const drawn = document.createElement("span");
  try {
    globalThis.katex.render(source, drawn, { ...OPTIONS, displayMode });
  } catch (error) {
    if (error instanceof globalThis.katex.ParseError) return { problem: error.rawMessage };
    if (error instanceof RangeError) return {}; // So deep that there is no more stack.
    throw error;
  }
  return { drawn };
}

/** Its TeX, without dollars.
    @param {string} formula */
function sourceOf(formula) {
  const marks = formula.startsWith("$$") ? 2 : 1;
  return formula.slice(marks, -marks).trim();
}

/** @param {string} source */
function isDeep(source) {
  let depth = 0;
  for (const [sign] of source.matchAll(LEVELS)) {
    depth += sign === "{" || sign === "\\begin" || sign === "\\left" ? 1 : -1;
    if (depth > LEVELS_AT_MOST) return true;
  }
  return CHAIN.test(source);
}

/** How many levels of elements there are.
    @param {Element} root */
function depthOf(root) {
  const walker = document.createTreeWalker(root, NodeFilter.SHOW_ELEMENT);
  let [depth, deepest] = [0, 0];
  for (;;) {
    if (walker.firstChild()) depth += 1;
    else {
      while (!walker.nextSibling()) {
        if (!walker.parentNode()) return deepest;
        depth -= 1;
      }
    }
    deepest = Math.max(deepest, depth);
  }
}

/** @param {HTMLElement} place @param {string} formula @param {string} hint */
function showSource(place, formula, hint) {
  const code = Object.assign(document.createElement("code"), { textContent: formula });
  const note = Object.assign(document.createElement("small"), { className: "math-hint", textContent: hint });
  place.classList.add("broken");
  place.replaceChildren(code, note);
}

/** What is copied has the sources of formulas, as they were typed; a formula is copied whole or not at all.
    The sources stand on the page for that moment: a copy of KaTeX's nodes would lose their styles, and our
    Content-Security-Policy would complain.
    @param {ClipboardEvent} event */
function copySources(event) {
  const selection = getSelection();
  if (!selection?.rangeCount || selection.isCollapsed || !event.clipboardData) return;
  const { anchorNode, anchorOffset, focusNode, focusOffset } = selection;
  const range = selection.getRangeAt(0).cloneRange();
  /** @type {NodeListOf<HTMLElement>} */
  const all = document.querySelectorAll(".math[data-source]");
  const formulas = [...all].filter((formula) => range.intersectsNode(formula));
  if (formulas.length === 0) return;
  if (formulas[0].contains(range.startContainer)) range.setStartBefore(formulas[0]);
  if (formulas[formulas.length - 1].contains(range.endContainer)) range.setEndAfter(formulas[formulas.length - 1]);
  const drawn = formulas.map((formula) => [...formula.childNodes]);
  for (const formula of formulas) formula.textContent = formula.dataset.source ?? "";
  const copied = Object.assign(document.createElement("div"), { className: "copied-math" });
  copied.append(range.cloneContents());
  document.body.append(copied); // The lines of a text are those that are laid out.
  event.clipboardData.setData("text/plain", copied.innerText);
  event.clipboardData.setData("text/html", copied.innerHTML);
  event.preventDefault();
  copied.remove();
  for (const [index, formula] of formulas.entries()) formula.replaceChildren(...drawn[index]);
  if (anchorNode && focusNode) selection.setBaseAndExtent(anchorNode, anchorOffset, focusNode, focusOffset);
}
