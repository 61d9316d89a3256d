/* Loads what fingers need (touch-gestures.js, and the menu that a long press opens) where there are any. */

if (matchMedia("(any-hover: none), (any-pointer: coarse)").matches) void load();

async function load() {
  try {
    await Promise.all([import("../elements/touch-gestures.js"), import("../elements/message-menu.js")]);
  } catch {
    document.addEventListener("touchstart", load, { once: true, passive: true }); // No network now.
  }
}
