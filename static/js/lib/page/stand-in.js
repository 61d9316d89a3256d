/* What is pressed may be drawn anew before what does it has come. Then another stands in its place: that which is
   as far down in the same message, among its kind. */

/** Gives what stands there when it is asked: the pressed one itself, as long as it is in the page.
    @param {Element} pressed @param {string} kind a selector that it matches @returns {() => Element | undefined} */
export function standIn(pressed, kind) {
  const message = pressed.closest(".message");
  const at = Array.from(message?.querySelectorAll(kind) ?? []).indexOf(pressed);
  const there = () => document.getElementById(message?.id ?? "")?.querySelectorAll(kind)[at];
  return () => (pressed.isConnected ? pressed : there());
}
