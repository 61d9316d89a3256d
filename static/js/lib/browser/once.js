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

/** What `step` becomes, done a moment after it was asked for, once for all that happens meanwhile: a count
    that is read at once is nobody's business.
    @param {() => void} step */
export function onceAMoment(step) {
  /** @type {ReturnType<typeof setTimeout> | null} */
  let timer = null;
  return () => {
    timer ??= setTimeout(() => {
      timer = null;
      step();
    }, 100);
  };
}
