/* The parts of an element that its template promises, each of the kind that it shall be. What is
   not there is a mistake in the template, and says so at once. */

/** @template {Element} [E=HTMLElement]
    @param {ParentNode} whole @param {string} selector @param {abstract new () => E} [kind] @returns {E} */
export function part(whole, selector, kind) {
  const found = whole.querySelector(selector);
  if (found instanceof (kind ?? HTMLElement)) return /** @type {E} */ (found);
  throw new Error(`There is no ${kind?.name ?? "element"} ${selector} here.`);
}

/** What the template clones: the one element in it.
    @param {HTMLTemplateElement} template */
export function cloned(template) {
  return /** @type {HTMLElement} */ (template.content.firstElementChild?.cloneNode(true));
}

/** Writes a text where another stands: the same text anew would be laid out anew.
    @param {Element} node @param {string} text */
export function write(node, text) {
  if (node.textContent !== text) node.textContent = text;
}

/** Puts these into a list, and nothing else. The focus stays where it is, if that is one of them still.
    @param {HTMLElement} list @param {HTMLElement[]} items @returns whether there were others before */
export function fill(list, items) {
  const { children } = list;
  if (children.length === items.length && items.every((item, at) => item === children[at])) return false;
  const focused = list.contains(document.activeElement) ? document.activeElement : null;
  list.replaceChildren(...items);
  if (focused instanceof HTMLElement && list.contains(focused)) focused.focus({ preventScroll: true });
  return true;
}

/** The element that an event happened to.
    @param {Event} event */
export function elementOf({ target }) {
  return target instanceof Element ? target : document.documentElement;
}

/** Whether a key is held that makes a press on a link open it elsewhere.
    @param {MouseEvent} event */
export function opensElsewhere({ ctrlKey, metaKey, shiftKey, altKey }) {
  return ctrlKey || metaKey || shiftKey || altKey;
}

/** The nearest element around the one that an event happened to.
    @template {Element} [E=HTMLElement]
    @param {Event} event @param {string} selector @returns {E | null} */
export function around(event, selector) {
  return elementOf(event).closest(selector);
}
