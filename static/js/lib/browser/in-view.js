/** Whether somebody has the page before their eyes. */
export function isInView() {
  return document.visibilityState === "visible" && document.hasFocus();
}
