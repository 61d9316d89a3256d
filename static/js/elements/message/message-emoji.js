/* <message-emoji>: the emoji picker. Whoever wants an emoji asks with a "pick-emoji" event:
   {beside, chosen(emoji), closed(), isStandard: whether it cannot be one of the chat's own}. Words find emoji by their names; arrows walk the grid. The chat's own
   are a group, too, and who may adds some there. */

import { emojiNames } from "../../lib/text/emoji-names.js";
import { isComposing } from "../../lib/browser/keys.js";
import { around, cloned, part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { pictureOf } from "../page/emoji-picture.js";

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
/** Of the chat's own. */
const OWN = 10;
const GAP_PX = 6;
const COLUMNS = 8;
const SHORTEST_QUERY = 2;
const STEPS = new Map([
  ["ArrowUp", -COLUMNS],
  ["ArrowDown", COLUMNS],
  ["ArrowLeft", -1],
  ["ArrowRight", 1],
]);

/** @import { Emoji } from "../../lib/text/emoji.js" */

/** @typedef {{ beside: HTMLElement, chosen: (emoji: string) => unknown, closed: () => unknown, isStandard?: boolean }} Wish */

class MessageEmoji extends HTMLElement {
  search = part(this, "input", HTMLInputElement);
  groups = part(this, ".emoji-groups");
  grid = part(this, ".emoji-grid");
  problem = part(this, ".problem");
  add = part(this, ".emoji-add");
  /** @type {Wish | null} */
  #wish = null;
  /** @type {Element | null} what had the focus when it opened */
  #before = null;
  #group = 0;
  #turn = 0;

  connectedCallback() {
    if (this.groups.hasChildNodes()) return; // It has moved, to a dialog and back.
    this.groups.append(...[...GROUPS].map(([group, emoji]) => groupButton(group, emoji)), ownGroup(part(this, "template", HTMLTemplateElement)));
    this.add.addEventListener("click", () => this.#goToOwn());
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
    for (const own of this.querySelectorAll(".own-emoji-group, .emoji-add")) if (own instanceof HTMLElement) own.hidden = Boolean(wish.isStandard);
    if (wish.isStandard && this.#group === OWN) this.#group = 0;
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
    const turn = (this.#turn += 1);
    const query = this.search.value.trim();
    if (this.grid.childElementCount === 0) this.problem.textContent = t("emoji.loading");
    try {
      const found = await (query.length < SHORTEST_QUERY ? this.#ofGroup() : (await emojiNames()).findEmoji(query));
      if (turn !== this.#turn) return; // More was typed, or another group chosen, meanwhile.
      this.grid.replaceChildren(...found.filter(({ picture }) => !(picture && this.#wish?.isStandard)).map(emojiButton));
      this.grid.scrollTop = 0;
      const isOwn = query.length < SHORTEST_QUERY && this.#group === OWN;
      this.problem.textContent = found.length ? "" : t(isOwn ? "emoji.own.none" : "emoji.none");
    } catch {
      this.problem.textContent = t("offline.try-again"); // The names could not be loaded.
    }
    for (const button of this.groups.children) {
      button.ariaPressed = String(button.getAttribute("data-group") === `${this.#group}`);
    }
  }

  async #ofGroup() {
    const { emojiOfGroup, favouriteEmoji, ownByName } = await emojiNames();
    if (this.#group === OWN) return ownByName();
    const all = await emojiOfGroup(this.#group);
    return this.#group === 0 ? unique([...(await favouriteEmoji()), ...all]) : all;
  }

  /** @param {HTMLElement | null} button */
  #pressed(button) {
    if (button?.dataset.group) {
      this.#group = Number(button.dataset.group);
      this.search.value = "";
      this.#show();
    } else if (button?.dataset.emoji) {
      this.#choose(button);
    }
  }

  /** To the dialog with all of the chat's own. */
  #goToOwn() {
    this.hidePopover();
    document.dispatchEvent(new CustomEvent("do-emoji"));
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (isComposing(event)) return;
    const { target, key } = event;
    const buttons = /** @type {HTMLElement[]} */ ([...this.grid.children]);
    const step = STEPS.get(key);
    if (target === this.search) {
      const [first] = buttons;
      if (key === "Enter" && first) this.#choose(first);
      else if (key === "ArrowDown" && first) first.focus();
      else return;
    } else if (step && target instanceof HTMLElement && buttons.includes(target)) {
      (buttons[buttons.indexOf(target) + step] ?? this.search).focus();
    } else {
      return;
    }
    event.preventDefault();
  }

  /** @param {HTMLElement} button */
  async #choose({ dataset: { emoji = "" } }) {
    const wish = this.#wish;
    this.hidePopover();
    wish?.chosen(emoji);
    await (await emojiNames()).usedEmoji(emoji);
  }

  /** The news of it comes a little late: whoever has gone on to somewhere else stays there. */
  #closed() {
    const { activeElement } = document;
    const isElsewhere = activeElement !== this.#before && activeElement !== document.body && !this.contains(activeElement);
    if (!isElsewhere) this.#wish?.closed();
    this.#wish = null;
  }
}

/** @param {Pick<Emoji, "emoji" | "name" | "picture">} one */
function emojiButton({ emoji, name, picture }) {
  const button = document.createElement("button");
  Object.assign(button, { type: "button", className: "emoji", title: name });
  button.append(picture ? pictureOf(emoji) : emoji);
  button.dataset.emoji = emoji;
  button.ariaLabel = name;
  return button;
}

/** @param {HTMLTemplateElement} template */
function ownGroup(template) {
  const button = cloned(template);
  button.dataset.group = String(OWN);
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
