/* The theme that was chosen, set before the first paint: hence not a module, and in the head.
   "light" and "dark" stand on <html data-theme>; nothing there means as the system has it.
   Changing it is elements/theme-switch.js. */

try {
  const chosen = localStorage.getItem("chatapp.theme");
  if (chosen === "light" || chosen === "dark") document.documentElement.dataset.theme = chosen;
} catch {
  // Storage is switched off in this browser; then it is as the system has it.
}
