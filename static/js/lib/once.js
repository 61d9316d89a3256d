/* Once for all that happens in one turn: the server tells of many things at a time. */

/** What `step` becomes, done when the turn is over, however often it was asked for.
    @param {() => void} step */
export function onceATurn(step) {
  let isDue = false;
  return () => {
    if (isDue) return;
    isDue = true;
    queueMicrotask(() => {
      isDue = false;
      step();
    });
  };
}
