/* <message-completion>: what @, # and : may become, above the composer. Arrows choose, Enter and
   Tab take, Escape lets be. */

import { findEmoji } from "../lib/emoji.js";
import { around, part } from "../lib/parts.js";
import { ignoreUnanswered } from "../models/refused.js";
import { begunAt, emojiLike, peopleLike, roomsLike } from "../models/completion.js";

const SHORTEST_QUESTION = 2;
const STEPS = new Map([
  ["ArrowUp", -1],
  ["ArrowDown", 1],
]);

/** @import { Chat } from "../models/chat.js" */
/** @import { Room } from "../models/room.js" */
/** @import { MessageComposer } from "./message-composer.js" */

/** What is being written.
    @typedef {NonNullable<ReturnType<typeof begunAt>>} Begun */
/** @typedef {{ label: string, hint?: string, insert: string }} Option */

class MessageCompletion extends HTMLElement {
  list = part(this, "ul");
  composer = /** @type {MessageComposer} */ (this.closest("message-composer"));
  field = part(this.composer, "textarea", HTMLTextAreaElement);
  /** @type {Chat} */
  chat;
  /** @type {Option[]} */
  #found = [];
  #chosen = 0;
  /** @type {Begun | null} */
  #begun = null;

  connectedCallback() {
    this.field.addEventListener("input", () => this.#look());
    this.field.addEventListener("blur", () => this.#close());
    this.field.addEventListener("keydown", (event) => this.#keyed(event), { capture: true });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.#pressed(around(event, "li")));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#close());
  }

  async #look() {
    const begun = begunAt(this.field.value.slice(0, this.field.selectionStart));
    this.#begun = begun;
    const found = begun ? await this.#find(begun) : [];
    if (begun !== this.#begun) return;
    this.#show(found);
    if (begun?.sign === "@") await this.#askFor(begun, found);
  }

  /** Whom the page does not know, the server may: they come behind those whom it does.
      @param {Begun} begun @param {Option[]} found */
  async #askFor(begun, found) {
    const { current, isGuest, people } = this.chat;
    if (isGuest || begun.begun.length < SHORTEST_QUESTION) return;
    try {
      const names = await people.find(current.name, begun.begun);
      const known = new Set(found.map(({ insert }) => insert));
      const more = peopleLike(begun.begun, names, (name) => people.shown(name)).filter(({ insert }) => !known.has(insert));
      const isStillAsked = begun === this.#begun && (!this.hidden || found.length === 0);
      if (isStillAsked && more.length > 0) this.#show([...found, ...more], this.#chosen);
    } catch (error) {
      ignoreUnanswered(error);
    }
  }

  /** @param {Begun} begun @returns {Promise<Option[]>} */
  async #find({ sign, begun }) {
    const { current, rooms } = this.chat;
    if (sign === "@") return peopleLike(begun, this.#people(current), (name) => this.chat.people.shown(name));
    if (sign === "#") return roomsLike(begun, [...rooms.values()]);
    try {
      return emojiLike(await findEmoji(begun));
    } catch {
      return []; // The names could not be loaded; it is a colon and a word then.
    }
  }

  /** Who spoke last comes first, then who else is here.
      @param {Room} room */
  #people({ timeline, members }) {
    const spoke = (timeline?.messages ?? []).map(({ sender }) => sender).reverse();
    return [...new Set([...spoke, ...members])].filter((name) => name !== this.chat.me);
  }

  /** @param {Option[]} found */
  #show(found, chosen = 0) {
    this.#found = found;
    this.hidden = found.length === 0;
    this.list.replaceChildren(...found.map(option));
    if (this.hidden) this.field.removeAttribute("aria-activedescendant");
    else this.#choose(chosen);
  }

  /** @param {number} index */
  #choose(index) {
    const options = [...this.list.children];
    this.#chosen = (index + options.length) % options.length;
    options.forEach((each, at) => (each.ariaSelected = String(at === this.#chosen)));
    options[this.#chosen].scrollIntoView({ block: "nearest" });
    this.field.setAttribute("aria-activedescendant", options[this.#chosen].id);
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    if (this.hidden || event.isComposing || event.shiftKey) return;
    const step = STEPS.get(event.key);
    if (step) this.#choose(this.#chosen + step);
    else if (event.key === "Enter" || event.key === "Tab") this.#take(this.#chosen);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** @param {Element | null} option */
  #pressed(option) {
    if (option) this.#take([...this.list.children].indexOf(option));
  }

  /** @param {number} index */
  #take(index) {
    if (!this.#begun) return;
    const { insert } = this.#found[index];
    this.field.setSelectionRange(this.#begun.from, this.field.selectionStart);
    this.#close();
    this.composer.insert(`${insert} `);
  }

  #close() {
    this.#begun = null;
    this.#show([]);
  }
}

/** @param {Option} found @param {number} index */
function option({ label, hint }, index) {
  const item = document.createElement("li");
  Object.assign(item, { id: `completion-${index}`, role: "option", className: "completion-option" });
  const name = Object.assign(document.createElement("bdi"), { textContent: label });
  const more = Object.assign(document.createElement("span"), { className: "hint", textContent: hint ?? "" });
  item.append(name, more);
  return item;
}

customElements.define("message-completion", MessageCompletion);
