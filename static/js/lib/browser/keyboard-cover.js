/* Where the system lays its keyboard over the page, as on an iPhone, the page ends above it. Others make the
   page itself smaller. */

const LEAST_PX = 100;

/** @param {VisualViewport} view */
export function endAboveKeyboard(view) {
  const fit = () => {
    const isCovered = view.scale < 1.01 && innerHeight - view.height > LEAST_PX;
    const { style } = document.documentElement;
    if (isCovered) style.setProperty("--seen-height", `${view.height}px`);
    else style.removeProperty("--seen-height");
    if (isCovered) scrollTo(0, 0);
  };
  view.addEventListener("resize", fit);
  fit();
}
