/* What one can do with a message, in words. Beside its button where one points; on a phone a sheet from
   below, with reactions on top. Asked for with an "open-message-menu" event. */

import { t } from "../../lib/text/words.js";
import { mayPin } from "../../models/rooms/pins.js";

const GAP_PX = 4;
const REACTIONS = ["👍", "❤️", "😂", "🎉", "😮", "🙏"];
/** What is done, its drawing and its name in the catalogue. */
const ITEMS = /** @type {const} */ ([
  ["reply", "reply", "message.reply"],
  ["thread", "thread", "thread.reply"],
  ["quote", "quote", "message.quote"],
  ["forward", "forward", "forward.menu"],
  ["follow", "bell", "thread.follow.menu"],
  ["unfollow", "bell-off", "thread.unfollow.menu"],
  ["copy-text", "copy", "message.copy-text"],
  ["copy", "link", "message.copy"],
  ["save", "bookmark", "saved.save"],
  ["unsave", "bookmark", "saved.unsave"],
  ["remind", "clock", "remind.menu"],
  ["pin", "pin", "pins.pin"],
  ["unpin", "unpin", "pins.unpin"],
  ["select", "check", "selection.menu"],
  ["unread", "unread", "message.unread"],
  ["move", "move", "message.move"],
  ["versions", "clock", "versions.title"],
  ["edit", "edit", "message.edit"],
  ["delete", "bin", "message.delete.menu"],
]);
/** What <saved-view> does, and what <pins-button> does. */
const SAVING = new Set(["save", "unsave", "remind"]);
const PINNING = new Set(["pin", "unpin"]);
const STEPS = new Map([
  ["ArrowUp", (/** @type {number} */ at) => Math.max(at, 0) - 1],
  ["ArrowDown", (/** @type {number} */ at) => at + 1],
  ["Home", () => 0],
  ["End", () => -1],
]);

/** @import { Message } from "../../types.js" */
/** @import { MessageActs } from "./message-acts.js" */

/** Of a message in a row, beside a button; none where it comes from below.
    @typedef {{ message: Message, row: HTMLElement, beside?: HTMLElement, acts: MessageActs }} Opened */

class MessageMenu {
  dialog = Object.assign(document.createElement("dialog"), { className: "menu message-menu", popover: "auto" });
  /** @type {Message} */
  message;
  /** @type {HTMLElement} */
  row;
  /** @type {MessageActs} */
  acts;

  constructor() {
    const { dialog } = this;
    const list = Object.assign(document.createElement("div"), { className: "menu-items", role: "menu", tabIndex: -1, autofocus: true });
    list.ariaLabel = dialog.ariaLabel = t("message.actions");
    list.append(reactions(), ...ITEMS.map(item));
    dialog.append(list);
    dialog.addEventListener("click", (event) => this.#pressed(event));
    dialog.addEventListener("keydown", (event) => this.#keyed(event));
    for (const end of ["close", "toggle"]) dialog.addEventListener(end, () => this.#mark());
    document.body.append(dialog);
  }

  get isOpen() {
    return this.dialog.open || this.dialog.matches(":popover-open");
  }

  /** @param {Opened} opened */
  open({ message, row, beside, acts }) {
    const { dialog } = this;
    if (this.isOpen) this.#close();
    Object.assign(this, { message, row, acts });
    const { chat } = acts;
    const done = new Set([chat.saved?.has(message) ? "save" : "unsave", chat.current.facts.pins?.includes(message.seq) ? "pin" : "unpin"]);
    const isForbidden = (/** @type {string} */ what) => !acts.may(what, message) || (PINNING.has(what) && !mayPin(chat.current, chat));
    for (const [what] of ITEMS) this.#item(what).hidden = done.has(what) || isForbidden(what);
    if (beside && matchMedia("(hover: hover)").matches) {
      dialog.showPopover();
      this.#standBeside(beside.getBoundingClientRect());
      this.#items[0].focus();
    } else {
      dialog.showModal();
    }
    this.#mark();
  }

  #close() {
    if (this.dialog.open) this.dialog.close();
    else this.dialog.hidePopover();
  }

  /** The row that it is about. */
  #mark() {
    this.row.toggleAttribute("data-chosen", this.isOpen);
  }

  /** @param {DOMRect} button */
  #standBeside(button) {
    const { width, height } = this.dialog.getBoundingClientRect();
    const left = document.documentElement.dir === "rtl" ? button.left : button.right - width;
    const below = button.bottom + GAP_PX;
    const top = below + height + GAP_PX <= innerHeight ? below : button.top - GAP_PX - height;
    this.dialog.style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))}px`;
    this.dialog.style.top = `${Math.max(GAP_PX, top)}px`;
  }

  /** Beside the words, where there are none, it closes.
      @param {MouseEvent} event */
  #pressed({ target }) {
    const button = target instanceof Element ? target.closest("button") : null;
    const { message, row } = this;
    if (!button && target !== this.dialog) return;
    this.#close();
    const { do: what, emoji } = button?.dataset ?? {};
    if (what && SAVING.has(what)) document.dispatchEvent(new CustomEvent("save-message", { detail: { what, message } }));
    else if (what && PINNING.has(what)) document.dispatchEvent(new CustomEvent("pin-message", { detail: { what, message } }));
    else if (what) this.acts.do(what, message, { row, beside: row, emoji });
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const step = STEPS.get(event.key);
    if (!step) return;
    event.preventDefault();
    const items = this.#items;
    const at = items.findIndex((each) => each === document.activeElement);
    items.at(step(at) % items.length)?.focus();
  }

  get #items() {
    /** @type {HTMLElement[]} */
    const all = [...this.dialog.querySelectorAll("button")];
    return all.filter((button) => button.checkVisibility());
  }

  /** @param {string} what */
  #item(what) {
    return /** @type {HTMLElement} */ (this.dialog.querySelector(`.menu-item[data-do="${what}"]`));
  }
}

/** @param {typeof ITEMS[number]} one */
function item([what, drawing, says]) {
  const button = buttonFor(what, "menu-item");
  button.append(icon(drawing), t(says));
  return button;
}

function reactions() {
  const row = document.createElement("div");
  row.className = "menu-reactions";
  row.role = "group";
  row.ariaLabel = t("message.react");
  const more = buttonFor("pick", "menu-reaction");
  more.ariaLabel = t("message.react");
  more.append(icon("smile"));
  row.append(...REACTIONS.map(reaction), more);
  return row;
}

/** @param {string} emoji */
function reaction(emoji) {
  const button = buttonFor("react", "menu-reaction emoji");
  button.dataset.emoji = button.textContent = emoji;
  button.ariaLabel = t("message.react.with", { emoji });
  return button;
}

/** @param {string} what @param {string} className */
function buttonFor(what, className) {
  const button = Object.assign(document.createElement("button"), { type: "button", className, role: "menuitem" });
  button.dataset.do = what;
  return button;
}

/** @param {string} name one of templates/_icons.svg */
function icon(name) {
  const drawing = document.createElementNS("http://www.w3.org/2000/svg", "svg");
  const use = document.createElementNS("http://www.w3.org/2000/svg", "use");
  drawing.setAttribute("class", "icon");
  drawing.ariaHidden = "true";
  use.setAttribute("href", `#icon-${name}`);
  drawing.append(use);
  return drawing;
}

const menu = new MessageMenu();
document.addEventListener("open-message-menu", (event) => menu.open(/** @type {CustomEvent<Opened>} */ (event).detail));
