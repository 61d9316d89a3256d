/* Loads touch-gestures.js where there are fingers. */

if (matchMedia("(any-hover: none), (any-pointer: coarse)").matches) void load();

async function load() {
  try {
    await import("./touch-gestures.js");
  } catch {
    document.addEventListener("touchstart", load, { once: true, passive: true }); // No network now.
  }
}
