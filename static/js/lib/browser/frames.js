/* Before the next frame is drawn; soon anyway where none is drawn, in a tab that nobody sees. */

const WITHOUT_FRAMES_MS = 100;

/** @param {() => void} step */
export function nextFrame(step) {
  let isDue = true;
  const once = () => {
    if (isDue) step();
    isDue = false;
  };
  requestAnimationFrame(once);
  setTimeout(once, WITHOUT_FRAMES_MS);
}
