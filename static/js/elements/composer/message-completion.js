/* <message-completion>: what @, #, : and a command's / may become, above the composer. Arrows choose, Enter
   and Tab take, Escape lets be. */

import { emojiNames } from "../../lib/text/emoji-names.js";
import { isComposing } from "../../lib/browser/keys.js";
import { around, part } from "../../lib/page/parts.js";
import { begunAt, emojiLike, peopleLike, roomsLike, shortcodeAt, shortcodesFrom } from "../../models/composer/completion.js";
import { ignoreUnanswered } from "../../models/refused.js";
import { PLAIN_STATUS, statusInWords, statusOf } from "../../models/people/status.js";
import { pictureOf } from "../page/emoji-picture.js";
import { SlashCommands } from "./slash-commands.js";

const SHORTEST_QUESTION = 2;
const STEPS = new Map([
  ["ArrowUp", -1],
  ["ArrowDown", 1],
]);

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { MessageComposer } from "./message-composer.js" */

/** What is being written.
    @typedef {NonNullable<ReturnType<typeof begunAt>>} Begun */
/** @typedef {{ label: string, hint?: string, insert: string, picture?: string }} Option */

class MessageCompletion extends HTMLElement {
  list = part(this, "ul");
  composer = /** @type {MessageComposer} */ (this.closest("message-composer"));
  form = part(this.composer, "form", HTMLFormElement);
  field = part(this.composer, "textarea", HTMLTextAreaElement);
  /** @type {Chat} */
  chat;
  /** @type {Option[]} */
  #found = [];
  #chosen = 0;
  /** @type {Begun | null} */
  #begun = null;
  /** @type {Promise<void> | null} while the names of the emoji are being loaded */
  #spelling = null;
  /** @type {number | null} where something is being pasted */
  #pastedAt = null;
  /** @type {Promise<void> | null} what the text waits for that was to be sent */
  #held = null;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.form.addEventListener("submit", (event) => this.#submitted(event), { capture: true });
    this.field.addEventListener("paste", () => (this.#pastedAt = this.field.selectionStart));
    this.field.addEventListener("input", () => this.#look());
    this.field.addEventListener("blur", () => this.#close());
    this.field.addEventListener("keydown", (event) => this.#keyed(event), { capture: true });
    this.list.addEventListener("pointerdown", (event) => event.preventDefault());
    this.list.addEventListener("click", (event) => this.#pressed(around(event, "li")));
    chat.on("opened", () => this.#close());
    this.#pastedAt = 0; // What stands here already was written before this was loaded.
    this.#look();
  }

  async #look() {
    const before = this.field.value.slice(0, this.field.selectionStart);
    this.#spellOut(before);
    const begun = begunAt(before);
    this.#begun = begun;
    const found = begun ? await this.#find(begun) : [];
    if (begun !== this.#begun) return;
    this.#show(found);
    if (begun?.sign === "@") await this.#askFor(begun, found);
    else if (begun?.sign === "/") await this.#askForCommands(begun, found);
  }

  /** ":fire:" becomes the emoji, typed or pasted.
      @param {string} before */
  #spellOut(before) {
    const typed = shortcodeAt(before);
    const named = this.#pastedAt === null ? typed && [typed] : shortcodesFrom(before, this.#pastedAt);
    this.#pastedAt = null;
    if (!named?.length) return;
    const spelling = this.#replaceAll(named, before).finally(() => {
      if (this.#spelling === spelling) this.#spelling = null;
    });
    this.#spelling = spelling;
  }

  /** The last one first, so that the places of the others stay: when it is there, and nothing else was
      typed in its place.
      @param {{ code: string, from: number }[]} named @param {string} before */
  async #replaceAll(named, before) {
    const found = await Promise.all(named.map(({ code }) => emojiNamed(code)));
    const { selectionStart: at, value } = this.field;
    if (!value.startsWith(before) || at < before.length) return;
    let grown = 0;
    for (const [index, { code, from }] of named.entries()) {
      const emoji = found[index]?.emoji;
      if (!emoji || found[index]?.picture) continue; // The chat's own stay as they are written.
      const end = from + code.length + 2;
      const isLast = end === before.length; // What was typed meanwhile stays behind it, with the cursor.
      this.field.setSelectionRange(from, isLast ? at : end);
      this.composer.insert(isLast ? emoji + value.slice(end, at) : emoji);
      grown += emoji.length - (end - from);
    }
    this.field.setSelectionRange(at + grown, at + grown);
  }

  /** A text that names an emoji is sent when the name is known; Enter again sends it as it is.
      @param {SubmitEvent} event */
  async #submitted(event) {
    const waits = this.#held ? null : this.#spelling;
    this.#held = waits;
    if (!waits) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    await waits;
    if (this.#held !== waits) return;
    this.#held = null;
    this.form.requestSubmit();
  }

  /** Whom the page does not know, the server may: they come behind those whom it does.
      @param {Begun} begun @param {Option[]} found */
  async #askFor(begun, found) {
    const { current, isGuest, people } = this.chat;
    if (isGuest || begun.begun.length < SHORTEST_QUESTION) return;
    try {
      const names = await people.find(current.name, begun.begun);
      const known = new Set(found.map(({ insert }) => insert));
      const more = peopleLike(begun.begun, names, ...this.#about).filter(({ insert }) => !known.has(insert));
      const isStillAsked = begun === this.#begun && (!this.hidden || found.length === 0);
      if (isStillAsked && more.length > 0) this.#show([...found, ...more], this.#chosen);
    } catch (error) {
      ignoreUnanswered(error);
    }
  }

  /** Those of bots come behind the chat's own.
      @param {Begun} begun @param {Option[]} found */
  async #askForCommands(begun, found) {
    const more = await part(document, "slash-commands", SlashCommands).likeOfBots(begun.begun);
    const isStillAsked = begun === this.#begun && (!this.hidden || found.length === 0);
    if (isStillAsked && more.length > 0) this.#show([...found, ...more], this.#chosen);
  }

  /** @param {Begun} begun @returns {Promise<Option[]>} */
  async #find({ sign, begun }) {
    const { current, rooms } = this.chat;
    if (sign === "@") return peopleLike(begun, this.#people(current), ...this.#about);
    const isMessage = /^\d+$/u.test(begun) && this.field.value.startsWith("/"); // as in "/show #12"
    if (sign === "#") return isMessage ? [] : roomsLike(begun, [...rooms.values()]);
    if (sign === "/") return part(document, "slash-commands", SlashCommands).like(begun);
    try {
      const { findEmoji } = await emojiNames();
      return emojiLike(await findEmoji(begun));
    } catch {
      return []; // The names could not be loaded; it is a colon and a word then.
    }
  }

  /** What is shown of people.
      @returns {[(name: string) => string, (name: string) => string]} */
  get #about() {
    const { people } = this.chat;
    const says = (/** @type {string} */ name) => {
      const status = statusOf(people, name);
      return status ? `${status.emoji || PLAIN_STATUS} ${statusInWords(status, people.now())}` : "";
    };
    return [(name) => people.shown(name), says];
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
    this.list.replaceChildren(...found.map((each, index) => option(each, `${this.list.id}-${index}`)));
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
    if (this.hidden || isComposing(event) || event.shiftKey) return;
    const step = STEPS.get(event.key);
    if (step) this.#choose(this.#chosen + step);
    else if (event.key === "Enter" && this.#isWritten) return this.#close();
    else if (event.key === "Enter" || event.key === "Tab") this.#take(this.#chosen);
    else if (event.key === "Escape") this.#close();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  /** Whether a command has been written out: Enter does it. */
  get #isWritten() {
    return this.#begun?.sign === "/" && this.#found[this.#chosen].insert === this.field.value;
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

/** @param {string} code */
async function emojiNamed(code) {
  try {
    return await (await emojiNames()).emojiNamed(code);
  } catch {
    return null; // The names could not be loaded.
  }
}

/** @param {Option} found @param {string} id */
function option({ label, hint, picture }, id) {
  const item = document.createElement("li");
  Object.assign(item, { id, role: "option", className: "completion-option" });
  const name = document.createElement("bdi");
  name.append(picture ? pictureOf(label) : label);
  const more = Object.assign(document.createElement("span"), { className: "hint", textContent: hint ?? "" });
  item.append(name, more);
  return item;
}

customElements.define("message-completion", MessageCompletion);
