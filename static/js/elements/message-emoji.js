/* <message-emoji>: the emoji picker. Whoever wants an emoji asks with a "pick-emoji" event:
   {beside, chosen(emoji), closed()}. Words find emoji by their names; arrows walk the grid. */

import { GROUPS, emojiOfGroup, favouriteEmoji, findEmoji, usedEmoji } from "../lib/emoji.js";
import { t } from "../lib/words.js";

const GAP_PX = 6;
const COLUMNS = 8;
const SHORTEST_QUERY = 2;
const STEPS = { ArrowUp: -COLUMNS, ArrowDown: COLUMNS, ArrowLeft: -1, ArrowRight: 1 };

class MessageEmoji extends HTMLElement {
  #wish = null;
  #before = null; // what had the focus when it opened
  #group = 0;

  connectedCallback() {
    this.search = this.querySelector("input");
    this.groups = this.querySelector(".emoji-groups");
    this.grid = this.querySelector(".emoji-grid");
    this.problem = this.querySelector(".problem");
    this.groups.append(...[...GROUPS].map(([group, emoji]) => groupButton(group, emoji)));
    document.addEventListener("pick-emoji", ({ detail }) => this.#open(detail));
    this.addEventListener("toggle", ({ newState }) => newState === "closed" && this.#closed());
    this.addEventListener("click", ({ target }) => this.#pressed(target.closest("button")));
    this.search.addEventListener("input", () => this.#show());
    this.addEventListener("keydown", (event) => this.#keyed(event));
  }

  #open(wish) {
    this.#wish = wish;
    if (!this.contains(document.activeElement)) this.#before = document.activeElement;
    this.search.value = "";
    this.showPopover();
    this.#place(wish.beside.getBoundingClientRect());
    this.search.focus();
    this.#show();
  }

  /** Beside what was pressed, wherever there is room for it. */
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
    try {
      const found = await (query.length < SHORTEST_QUERY ? this.#ofGroup() : findEmoji(query));
      if (query !== this.search.value.trim()) return; // More was typed meanwhile.
      this.grid.replaceChildren(...found.map(emojiButton));
      this.grid.scrollTop = 0;
      this.problem.textContent = found.length ? "" : t("emoji.none");
    } catch {
      this.problem.textContent = t("composer.offline"); // The names could not be loaded.
    }
    for (const button of this.groups.children) button.ariaPressed = button.dataset.group === `${this.#group}`;
  }

  async #ofGroup() {
    const all = await emojiOfGroup(this.#group);
    return this.#group === 0 ? unique([...(await favouriteEmoji()), ...all]) : all;
  }

  #pressed(button) {
    if (button?.dataset.group) {
      this.#group = Number(button.dataset.group);
      this.search.value = "";
      this.#show();
    } else if (button) {
      this.#choose(button.textContent);
    }
  }

  #keyed(event) {
    const { target, key } = event;
    if (target === this.search) {
      const first = this.grid.firstElementChild;
      if (key === "Enter" && first) this.#choose(first.textContent);
      else if (key === "ArrowDown" && first) first.focus();
      else return;
    } else if (target.parentNode === this.grid && STEPS[key]) {
      const buttons = [...this.grid.children];
      (buttons[buttons.indexOf(target) + STEPS[key]] ?? this.search).focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  #choose(emoji) {
    const { chosen } = this.#wish;
    this.hidePopover();
    chosen(emoji);
    usedEmoji(emoji);
  }

  /** The news of it comes a little late: whoever has gone on to somewhere else stays there. */
  #closed() {
    const { activeElement } = document;
    if ([this.#before, document.body].includes(activeElement) || this.contains(activeElement)) this.#wish?.closed();
    this.#wish = null;
  }
}

function emojiButton({ emoji, name }) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "emoji", textContent: emoji, title: name });
  button.ariaLabel = name;
  return button;
}

function groupButton(group, emoji) {
  const button = emojiButton({ emoji, name: t(`emoji.group.${group}`) });
  button.dataset.group = group;
  return button;
}

function unique(emoji) {
  return [...new Map(emoji.map((each) => [each.emoji, each])).values()];
}

customElements.define("message-emoji", MessageEmoji);
