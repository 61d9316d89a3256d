/* How the page shall look, set before the first paint: hence not a module, and in the head. What
   was chosen stands on <html>: data-theme, data-density, data-contrast, data-motion, data-formatting; nothing there
   means as the system has it, or as we made it. Choosing is lib/page/looks.js. */

try {
  for (const [look, values] of Object.entries({
    theme: ["light", "dark"],
    density: ["cosy", "compact"],
    contrast: ["more", "normal"],
    motion: ["less"],
    formatting: ["shown", "hidden"],
  })) {
    const chosen = localStorage.getItem(`chatapp.${look}`);
    if (chosen && values.includes(chosen)) document.documentElement.dataset[look] = chosen;
  }
} catch {
  // Storage is switched off in this browser; then it is as the system has it.
}
