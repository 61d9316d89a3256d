/* Tabs: which of some panels is shown. One tab is in the order of the Tab key, the arrow keys go to the
   others and choose them, Home and End to the first and last. */

import { around } from "../../lib/page/parts.js";

export class Tabs {
  /** `root` has `[role=tab]`s, each with the id of its panel in `aria-controls`.
      @param {HTMLElement} root @param {(panel: string) => void} chosen */
  constructor(root, chosen) {
    this.root = root;
    this.chosen = chosen;
    /** @type {HTMLButtonElement[]} */
    this.tabs = [...root.querySelectorAll("[role=tab]")].map((tab) => /** @type {HTMLButtonElement} */ (tab));
    root.addEventListener("click", (event) => {
      const tab = this.tabs.find((each) => each === around(event, "[role=tab]"));
      if (tab) this.choose(tab);
    });
    root.addEventListener("keydown", (event) => this.#keyed(event));
  }

  /** @param {string} panel the id of it */
  open(panel) {
    const tab = this.#present.find((each) => panelOf(each) === panel) ?? this.#present[0];
    this.choose(tab);
  }

  /** @param {string} panel @param {boolean} isThere */
  offer(panel, isThere) {
    const tab = this.tabs.find((each) => panelOf(each) === panel);
    if (!tab || tab.hidden === !isThere) return;
    tab.hidden = !isThere;
    if (!isThere && tab.ariaSelected === "true") this.choose(this.#present[0]);
  }

  /** @param {HTMLButtonElement} chosen */
  choose(chosen) {
    for (const tab of this.tabs) {
      const isChosen = tab === chosen;
      tab.ariaSelected = String(isChosen);
      tab.tabIndex = isChosen ? 0 : -1;
      const panel = document.getElementById(panelOf(tab));
      if (panel) panel.hidden = !isChosen;
    }
    chosen.scrollIntoView({ block: "nearest", inline: "nearest" });
    this.chosen(panelOf(chosen));
  }

  get #present() {
    return this.tabs.filter(({ hidden }) => !hidden);
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const tabs = this.#present;
    const at = tabs.findIndex((each) => each === event.target);
    if (at < 0) return;
    const isReversed = getComputedStyle(this.root).direction === "rtl";
    /** @type {Record<string, number>} */
    const steps = { ArrowRight: isReversed ? -1 : 1, ArrowLeft: isReversed ? 1 : -1 };
    const step = steps[event.key];
    const to = { Home: 0, End: tabs.length - 1 }[event.key] ?? (step && (at + step + tabs.length) % tabs.length);
    if (to === undefined) return;
    event.preventDefault();
    this.choose(tabs[to]);
    tabs[to].focus();
  }
}

/** @param {HTMLElement} tab */
function panelOf(tab) {
  return tab.getAttribute("aria-controls") ?? "";
}
