/* Draws ```mermaid in a message as a diagram; loaded when there is the first one.

   Mermaid writes styles into what it draws, which no page of ours allows, and it is a large program that
   reads what anybody typed. So it runs in a frame that has no origin and reaches nothing:
   chatapp/web/diagram_frame.py. What the frame gives becomes a picture, in which nothing runs, and which
   loads nothing. The source stays: it is what the picture says to those who do not see it, what is copied,
   and what a button shows instead. */

/** @typedef {{ t: typeof import("../text/words.js").t, loadSheet(href: string): Promise<void> }} Tools */
/** Changes what may move what is read, without moving it.
    @typedef {(node: Element, change: () => void) => void} KeepStill */
/** @typedef {{ svg: string, width: number, height: number }} Picture */
/** @typedef {Picture | { problem: string }} Drawn */

const FRAME = "/static/diagrams.html";
const SHEET = "../../../sheets/diagrams.css";
const CHARACTERS_AT_MOST = 8_000;
const DIAGRAMS_AT_MOST = 20; // of a message
const KEPT_AT_MOST = 60;
const WAITS_MS = 20_000;
/** A wide diagram is shown smaller, but not so small that nobody can read it. */
const SMALLEST = 0.6;

/** What was drawn, by theme and source, the oldest first.
    @type {Map<string, Promise<Drawn>>} */
const kept = new Map();
/** @type {Map<string, Drawn>} */
const known = new Map();
/** @type {Promise<HTMLIFrameElement> | null} */
let frame = null;
/** @type {Map<number, (drawn: Drawn) => void>} */
const waiting = new Map();
let last = 0;
const darkness = matchMedia("(prefers-color-scheme: dark)");

/** Gives what draws the diagrams of a node; when the page becomes dark or light, it draws all of them again.
    @param {Tools} tools @param {KeepStill} keepStill */
export function diagramDrawer(tools, keepStill) {
  const draw = (/** @type {Element | Document} */ node) => {
    const blocks = [...node.querySelectorAll(".code:has(> pre > code.language-mermaid)")];
    for (const block of blocks.slice(0, DIAGRAMS_AT_MOST)) void drawDiagram(block, tools, keepStill);
  };
  const changed = () => draw(document);
  darkness.addEventListener("change", changed);
  new MutationObserver(changed).observe(document.documentElement, { attributeFilter: ["data-theme"] });
  return draw;
}

/** @param {Element} block @param {Tools} tools @param {KeepStill} keepStill */
async function drawDiagram(block, tools, keepStill) {
  const source = block.querySelector("pre")?.textContent.trim() ?? "";
  if (!source || source.length > CHARACTERS_AT_MOST) return;
  const key = `${isDark()} ${source}`;
  const before = known.get(key);
  const drawn = before ?? await drawnOf(key, source, tools);
  if (drawn && block.isConnected) keepStill(block, () => show(block, drawn, source, tools, keepStill));
}

/** Null if there is no network for what draws, or it took too long.
    @param {string} key @param {string} source @param {Tools} tools */
async function drawnOf(key, source, { loadSheet }) {
  const asked = kept.get(key) ?? ask(source);
  kept.set(key, asked);
  try {
    await loadSheet(new URL(SHEET, import.meta.url).href);
    const drawn = await asked;
    known.set(key, drawn);
    for (const oldest of [...known.keys()].slice(0, -KEPT_AT_MOST)) forget(oldest);
    return drawn;
  } catch {
    kept.delete(key);
    return null; // The source is shown; who comes to it again asks again.
  }
}

/** @param {string} key */
function forget(key) {
  known.delete(key);
  kept.delete(key);
}

/** @param {string} source @returns {Promise<Drawn>} */
async function ask(source) {
  frame ??= openFrame();
  const { contentWindow } = await frame;
  const id = (last += 1);
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      waiting.delete(id);
      closeFrame(); // It may never come to an end.
      reject(new Error("The diagram took too long."));
    }, WAITS_MS);
    waiting.set(id, (drawn) => {
      clearTimeout(timer);
      resolve(drawn);
    });
    contentWindow?.postMessage({ id, source, isDark: isDark() }, "*"); // It has no origin that one could name.
  });
}

/** @returns {Promise<HTMLIFrameElement>} */
function openFrame() {
  const opened = document.createElement("iframe");
  Object.assign(opened, { src: FRAME, title: "", className: "diagram-frame", tabIndex: -1, ariaHidden: "true" });
  opened.setAttribute("sandbox", "allow-scripts");
  return new Promise((resolve, reject) => {
    const timer = setTimeout(() => {
      closeFrame();
      reject(new Error("Nothing draws diagrams."));
    }, WAITS_MS);
    addEventListener("message", function hear({ source, data }) {
      if (source !== opened.contentWindow) return;
      if (!opened.isConnected) return removeEventListener("message", hear);
      if (data.ready) {
        clearTimeout(timer);
        return resolve(opened);
      }
      waiting.get(data.id)?.(data);
      waiting.delete(data.id);
    });
    document.body.append(opened);
  });
}

function closeFrame() {
  document.querySelector(".diagram-frame")?.remove();
  frame = null;
}

/** @param {Element} block @param {Drawn} drawn @param {string} source @param {Tools} tools @param {KeepStill} keepStill */
function show(block, drawn, source, { t }, keepStill) {
  block.querySelector(".diagram, .diagram-problem")?.remove();
  if ("problem" in drawn) {
    const problem = document.createElement("p");
    Object.assign(problem, { className: "diagram-problem", textContent: t("diagram.broken", { reason: drawn.problem }) });
    block.append(problem);
    return;
  }
  const { svg, width, height } = drawn;
  const picture = new Image(width, height);
  picture.alt = t("diagram.alt", { source });
  picture.src = `data:image/svg+xml;charset=utf-8,${encodeURIComponent(svg)}`;
  picture.style.minInlineSize = `${Math.ceil(width * SMALLEST)}px`;
  const place = document.createElement("div");
  Object.assign(place, { className: "diagram", tabIndex: 0 });
  place.append(picture);
  block.append(place);
  block.classList.add("drawn");
  if (block.querySelector(".diagram-source")) return;
  const button = Object.assign(document.createElement("button"), { type: "button", className: "button small diagram-source" });
  button.textContent = t("diagram.source");
  button.ariaPressed = "false";
  button.addEventListener("click", () => {
    keepStill(block, () => void (button.ariaPressed = String(!block.classList.toggle("drawn"))));
  });
  block.append(button);
}

function isDark() {
  const { theme } = document.documentElement.dataset;
  return theme ? theme === "dark" : darkness.matches;
}
