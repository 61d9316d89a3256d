/* How the page looks, as one has chosen it: "theme", "density", "contrast", "motion". "" is as the
   system has it, or as we made it. What is kept is read before the first paint, theme.js. */

const PREFIX = "chatapp.";

/** @param {string} look */
export function chosenLook(look) {
  return document.documentElement.dataset[look] ?? "";
}

/** @param {string} look @param {string} value */
export function chooseLook(look, value) {
  showLook(look, value);
  try {
    if (value) localStorage.setItem(PREFIX + look, value);
    else localStorage.removeItem(PREFIX + look);
  } catch {
    // Without storage the choice holds until the page is left.
  }
}

/** Shows what another tab has chosen. */
export function followLooks() {
  addEventListener("storage", ({ key, newValue }) => {
    if (!key?.startsWith(PREFIX)) return;
    const look = key.slice(PREFIX.length);
    if (!["theme", "density", "contrast", "motion"].includes(look)) return;
    showLook(look, newValue ?? "");
  });
}

/** Whether nothing shall move that need not. */
export function isCalm() {
  return chosenLook("motion") === "less" || matchMedia("(prefers-reduced-motion: reduce)").matches;
}

/** @param {string} look @param {string} value */
function showLook(look, value) {
  if (value) document.documentElement.dataset[look] = value;
  else delete document.documentElement.dataset[look];
}
