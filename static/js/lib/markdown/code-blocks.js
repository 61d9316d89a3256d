/* A block of code in a message: it says its language, has a button to copy it, and of a long one the beginning
   is shown. Loaded with the formatter, lib/markdown/markdown.js, which hands over the words.

   What a message with folded blocks is as long as: isLong of lib/text/texts.js. */

const LINES_AT_MOST = 20;

/** @typedef {typeof import("../text/words.js").t} Say */

/** Puts a frame around a `pre`.
    @param {HTMLElement} code @param {Say} t */
export function frame(code, t) {
  const block = Object.assign(document.createElement("div"), { className: "code" });
  const language = /^language-(.+)$/u.exec(code.firstElementChild?.className ?? "")?.[1] ?? "";
  const name = Object.assign(document.createElement("span"), { className: "code-language", textContent: language });
  const copy = buttonOf("code-copy");
  copy.dataset.do = "copy-code";
  copy.textContent = t("message.copy-code");
  code.tabIndex = 0;
  code.replaceWith(block);
  block.append(code, name, copy);
  const lines = code.textContent.replace(/\n$/u, "").split("\n").length;
  if (lines > LINES_AT_MOST) block.append(folding(block, lines, t));
}

/** Shows all of a block, or its beginning again.
    @param {HTMLElement} block @param {number} lines @param {Say} t */
function folding(block, lines, t) {
  const button = buttonOf("code-whole");
  const fold = (/** @type {boolean} */ isFolded) => {
    block.classList.toggle("folded", isFolded);
    button.ariaExpanded = String(!isFolded);
    button.textContent = isFolded ? t("code.whole", { lines }) : t("message.less");
  };
  button.addEventListener("click", () => keepInSight(block, () => fold(!block.classList.contains("folded"))));
  fold(true);
  return button;
}

/** The list grows upwards: whoever reads goes on where they are, or where the block begins.
    @param {HTMLElement} block @param {() => void} change */
function keepInSight(block, change) {
  const before = block.getBoundingClientRect().top;
  change();
  const scroller = block.closest(".scroller, .thread-scroller");
  if (!scroller) return;
  const top = Math.max(before, scroller.getBoundingClientRect().top);
  scroller.scrollTop += block.getBoundingClientRect().top - top;
}

/** @param {string} className */
function buttonOf(className) {
  return Object.assign(document.createElement("button"), { type: "button", className: `button small ${className}` });
}
