/* Loads touch-gestures.js where there are fingers. A finger that is down when it comes, comes down again: a long press
   or a swipe that began before is not lost. */

/** @type {TouchEvent | null} that of the finger that is down */
let down = null;
let isLoading = false;
const waiting = new AbortController();

if (matchMedia("(any-hover: none), (any-pointer: coarse)").matches) {
  const options = { passive: true, signal: waiting.signal };
  document.addEventListener("touchstart", begun, options);
  for (const end of ["touchend", "touchcancel"]) document.addEventListener(end, () => (down = null), options);
  void load();
}

/** @param {TouchEvent} event */
function begun(event) {
  down = event;
  void load(); // There was no network before.
}

async function load() {
  if (isLoading) return;
  isLoading = true;
  try {
    await import("./touch-gestures.js");
  } catch {
    isLoading = false;
    return;
  }
  waiting.abort();
  const { target, touches = [] } = down ?? {};
  if (!(target instanceof Node && target.isConnected)) return;
  target.dispatchEvent(new TouchEvent("touchstart", { touches: [...touches], bubbles: true }));
}
