/* <message-emoji>: the emoji picker. Whoever wants an emoji asks with a "pick-emoji" event:
   {beside, chosen(emoji), closed()}. Words find emoji by their names; arrows walk the grid. */

import { isComposing } from "../lib/keys.js";
import { around, part } from "../lib/parts.js";
import { t } from "../lib/words.js";

/** The groups as Unicode has them, each with one that stands for it. 2 is skin tones. */
const GROUPS = new Map([
  [0, "😀"],
  [1, "👋"],
  [3, "🐻"],
  [4, "🍎"],
  [5, "🚲"],
  [6, "⚽"],
  [7, "💡"],
  [8, "💯"],
  [9, "🏁"],
]);
const GAP_PX = 6;
const COLUMNS = 8;
const SHORTEST_QUERY = 2;
const STEPS = new Map([
  ["ArrowUp", -COLUMNS],
  ["ArrowDown", COLUMNS],
  ["ArrowLeft", -1],
  ["ArrowRight", 1],
]);

/** @import { Emoji } from "../lib/emoji.js" */

/** @typedef {{ beside: HTMLElement, chosen: (emoji: string) => unknown, closed: () => unknown }} Wish */

class MessageEmoji extends HTMLElement {
  search = part(this, "input", HTMLInputElement);
  groups = part(this, ".emoji-groups");
  grid = part(this, ".emoji-grid");
  problem = part(this, ".problem");
  /** @type {Wish | null} */
  #wish = null;
  /** @type {Element | null} what had the focus when it opened */
  #before = null;
  #group = 0;

  connectedCallback() {
    this.groups.append(...[...GROUPS].map(([group, emoji]) => groupButton(group, emoji)));
    document.addEventListener("pick-emoji", (event) => this.#open(/** @type {CustomEvent<Wish>} */ (event).detail));
    this.addEventListener("toggle", ({ newState }) => newState === "closed" && this.#closed());
    this.addEventListener("click", (event) => this.#pressed(around(event, "button")));
    this.search.addEventListener("input", () => this.#show());
    this.addEventListener("keydown", (event) => this.#keyed(event));
  }

  /** @param {Wish} wish */
  #open(wish) {
    this.#wish = wish;
    if (!this.contains(document.activeElement)) this.#before = document.activeElement;
    this.search.value = "";
    this.showPopover();
    this.#place(wish.beside.getBoundingClientRect());
    this.search.focus();
    this.#show();
  }

  /** Beside what was pressed, wherever there is room for it.
      @param {DOMRect} beside */
  #place(beside) {
    const { width, height } = this.getBoundingClientRect();
    const above = beside.top - height - GAP_PX;
    const top = above >= GAP_PX ? above : Math.min(beside.bottom + GAP_PX, innerHeight - height - GAP_PX);
    const left = Math.min(beside.right - width, innerWidth - width - GAP_PX);
    this.style.top = `${Math.max(top, GAP_PX)}px`;
    this.style.left = `${Math.max(left, GAP_PX)}px`;
  }

  async #show() {
    const query = this.search.value.trim();
    if (this.grid.childElementCount === 0) this.problem.textContent = t("emoji.loading");
    try {
      const found = await (query.length < SHORTEST_QUERY ? this.#ofGroup() : (await names()).findEmoji(query));
      if (query !== this.search.value.trim()) return; // More was typed meanwhile.
      this.grid.replaceChildren(...found.map(emojiButton));
      this.grid.scrollTop = 0;
      this.problem.textContent = found.length ? "" : t("emoji.none");
    } catch {
      this.problem.textContent = t("offline.try-again"); // The names could not be loaded.
    }
    for (const button of this.groups.children) {
      button.ariaPressed = String(button.getAttribute("data-group") === `${this.#group}`);
    }
  }

  async #ofGroup() {
    const { emojiOfGroup, favouriteEmoji } = await names();
    const all = await emojiOfGroup(this.#group);
    return this.#group === 0 ? unique([...(await favouriteEmoji()), ...all]) : all;
  }

  /** @param {HTMLElement | null} button */
  #pressed(button) {
    if (button?.dataset.group) {
      this.#group = Number(button.dataset.group);
      this.search.value = "";
      this.#show();
    } else if (button) {
      this.#choose(button.textContent ?? "");
    }
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (isComposing(event)) return;
    const { target, key } = event;
    const buttons = /** @type {HTMLElement[]} */ ([...this.grid.children]);
    const step = STEPS.get(key);
    if (target === this.search) {
      const [first] = buttons;
      if (key === "Enter" && first) this.#choose(first.textContent ?? "");
      else if (key === "ArrowDown" && first) first.focus();
      else return;
    } else if (step && target instanceof HTMLElement && buttons.includes(target)) {
      (buttons[buttons.indexOf(target) + step] ?? this.search).focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {string} emoji */
  async #choose(emoji) {
    const wish = this.#wish;
    this.hidePopover();
    wish?.chosen(emoji);
    await (await names()).usedEmoji(emoji);
  }

  /** The news of it comes a little late: whoever has gone on to somewhere else stays there. */
  #closed() {
    const { activeElement } = document;
    const isElsewhere = activeElement !== this.#before && activeElement !== document.body && !this.contains(activeElement);
    if (!isElsewhere) this.#wish?.closed();
    this.#wish = null;
  }
}

const names = () => import("../lib/emoji.js");

/** @param {Pick<Emoji, "emoji" | "name">} one */
function emojiButton({ emoji, name }) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "emoji", textContent: emoji, title: name });
  button.ariaLabel = name;
  return button;
}

/** @param {number} group @param {string} emoji */
function groupButton(group, emoji) {
  const button = emojiButton({ emoji, name: t(`emoji.group.${group}`) });
  button.dataset.group = String(group);
  return button;
}

/** @param {Emoji[]} emoji */
function unique(emoji) {
  return [...new Map(emoji.map((each) => [each.emoji, each])).values()];
}

customElements.define("message-emoji", MessageEmoji);
