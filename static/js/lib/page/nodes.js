/* Nodes that scripts make, where no template has them. */

/** @template {keyof HTMLElementTagNameMap} N
    @param {N} name @param {Partial<HTMLElementTagNameMap[N]>} [properties] @param {...(Node | string)} children
    @returns {HTMLElementTagNameMap[N]} */
export function node(name, properties = {}, ...children) {
  const made = Object.assign(document.createElement(name), properties);
  made.append(...children);
  return made;
}

/** @param {string} drawing one of templates/_icons.svg, or of DRAWINGS */
export function drawn(drawing) {
  const svg = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  svg.setAttribute("class", "icon");
  svg.ariaHidden = "true";
  if (drawing in DRAWINGS) {
    const path = document.createElementNS("http://www.w3.org/2000/svg", "path");
    path.setAttribute("d", DRAWINGS[drawing]);
    svg.setAttribute("viewBox", "0 0 24 24");
    svg.append(path);
  } else {
    const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
    use.setAttribute("href", `#icon-${drawing}`);
    svg.append(use);
  }
  return svg;
}

/** A button with a drawing and a name.
    @param {string} drawing @param {string} name @param {string} what it does */
export function drawnButton(drawing, name, what) {
  const button = node("button", { type: "button", className: "button quiet square", ariaLabel: name, title: name }, drawn(drawing));
  button.dataset.do = what;
  return button;
}

/** What only files need, on a grid of 24 as the others.
    @type {Record<string, string>} */
const DRAWINGS = {
  download: "M12 4v11M7 10.5l5 5 5-5M4.5 19.5h15",
  previous: "M15 5l-7 7 7 7",
  next: "M9 5l7 7-7 7",
  play: "M8 5.5v13l10.5-6.5z",
  pause: "M8.5 5.5v13M15.5 5.5v13",
  retry: "M19.5 12a7.5 7.5 0 1 1-2.2-5.3L20 9.4M20 4v5.4h-5.4",
  message: "M5 5h14a1.5 1.5 0 0 1 1.5 1.5v9A1.5 1.5 0 0 1 19 17h-7l-4.5 3.5V17H5a1.5 1.5 0 0 1-1.5-1.5v-9A1.5 1.5 0 0 1 5 5z",
};
