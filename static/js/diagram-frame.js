/* In the frame that draws diagrams: has no origin, and the page that it is in asks it. Answers with SVG, or
   with what is wrong. What a source says of security, fonts or scripts does not count. */

const CONFIG = {
  startOnLoad: false,
  securityLevel: "strict",
  htmlLabels: false,
  flowchart: { htmlLabels: false },
  fontFamily: "system-ui, sans-serif",
  maxTextSize: 8_000,
  maxEdges: 200,
  suppressErrorRendering: true,
  secure: ["secure", "securityLevel", "startOnLoad", "maxTextSize", "maxEdges", "suppressErrorRendering", "htmlLabels", "fontFamily", "theme", "themeCSS", "themeVariables", "darkMode"],
};

/** The colours of palette.css, which Mermaid can mix. */
const THEME = {
  light: {
    ...{ primaryColor: "#dff1f0", primaryBorderColor: "#0e6f6c", primaryTextColor: "#14282f", secondaryColor: "#e9eff1", tertiaryColor: "#f6fafa" },
    ...{ lineColor: "#52666d", textColor: "#14282f", edgeLabelBackground: "#f0f6f7", noteBkgColor: "#fdf3dc", noteTextColor: "#14282f", noteBorderColor: "#8a6420" },
  },
  dark: {
    ...{ darkMode: true, primaryColor: "#163639", primaryBorderColor: "#6fcfc6", primaryTextColor: "#e6eff1", secondaryColor: "#1d2d33", tertiaryColor: "#122229" },
    ...{ lineColor: "#9db0b6", textColor: "#e6eff1", edgeLabelBackground: "#0a151a", noteBkgColor: "#3a3017", noteTextColor: "#f3e7c9", noteBorderColor: "#d9b264" },
  },
};

/** @type {{ initialize(config: object): void, render(id: string, source: string): Promise<{ svg: string }> }} */
const drawer = /** @type {any} */ (globalThis).mermaid;
let turn = Promise.resolve();

addEventListener("message", ({ data, source }) => {
  if (source !== parent) return;
  turn = turn.then(async () => parent.postMessage({ id: data.id, ...(await draw(data)) }, "*"));
});

/** @param {{ id: number, source: string, isDark: boolean }} asked */
async function draw({ id, source, isDark }) {
  try {
    drawer.initialize({ ...CONFIG, theme: "base", themeVariables: isDark ? THEME.dark : THEME.light });
    const { svg } = await drawer.render(`diagram-${id}`, source);
    return sized(svg);
  } catch (error) {
    return { problem: String(/** @type {Error} */ (error).message).slice(0, 300) };
  } finally {
    document.body.replaceChildren();
  }
}

/** Well-formed, and with a size of its own: as a picture needs to be.
    @param {string} code */
function sized(code) {
  const svg = /** @type {SVGSVGElement} */ (new DOMParser().parseFromString(code, "text/html").querySelector("svg"));
  const { width, height } = svg.viewBox.baseVal;
  svg.setAttribute("width", `${width}`);
  svg.setAttribute("height", `${height}`);
  return { svg: new XMLSerializer().serializeToString(svg), width: Math.ceil(width), height: Math.ceil(height) };
}

parent.postMessage({ ready: true }, "*");
