/* What <new-message> does once it is open, and <room-dialog> for a private room: one types, chooses people from the list, and sees them
   as chips before the field. Loaded when it is needed. What goes wrong is `explain`'s to say:
   this module is not one of the page's joined ones, and has classes of errors of its own. */

import { isComposing } from "../../lib/browser/keys.js";
import { showFlag } from "../../lib/page/flag.js";
import { around, cloned, part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { Recipients } from "../../models/people/recipients.js";
import { Choices } from "../page/choices.js";

/** @import { Chat } from "../../models/chat.js" */

const OTHERS_AT_MOST = 19; // in a group conversation

export class RecipientPicker {
  /** @type {Recipients} */
  recipients;
  /** @type {string[]} who is in the list */
  #found = [];

  /** `root` has the field and the lists. `button` waits for somebody to be chosen, and `hint` is the name of
      what is said until then; where nobody has to be chosen, the list opens only with what is typed.
      @param {{ root: HTMLElement, form: HTMLFormElement, button?: HTMLButtonElement, hint: string, chat: Chat, explain: (error: unknown) => void }} parts */
  constructor({ root, form, button, hint, chat, explain }) {
    this.chat = chat;
    this.explain = explain;
    this.form = form;
    this.button = button;
    this.hint = hint;
    this.field = part(root, "input", HTMLInputElement);
    this.chips = part(root, ".chips");
    this.note = part(root, ".hint");
    this.list = part(root, ".choices");
    this.chip = part(root, ".chip-template", HTMLTemplateElement);
    this.choice = part(root, ".choice-template", HTMLTemplateElement);
    this.field.addEventListener("keydown", (event) => this.#keyed(event)); // before the list takes it
    this.field.addEventListener("input", () => this.#typed());
    part(root, ".recipients").addEventListener("click", (event) => this.#pressed(event));
    this.choices = new Choices({ field: this.field, list: this.list, take: (index) => this.#add(this.#found[index]) });
  }

  /** The names of those who were chosen. */
  get names() {
    return this.recipients.chosen;
  }

  /** Begins with what is typed already.
      @param {string[]} [names] who is chosen already */
  begin(names = []) {
    this.recipients = new Recipients(this.chat);
    for (const name of names) this.recipients.add(name);
    return this.#typed();
  }

  // What people do

  /** Whom the page does not know, the server may. */
  async #typed() {
    const { recipients } = this;
    const typed = this.field.value;
    this.#show();
    try {
      await recipients.ask(typed);
    } catch (error) {
      return this.explain(error);
    }
    if (recipients === this.recipients && typed === this.field.value) this.#show();
  }

  /** With nothing typed, Enter goes on with who was chosen, and Backspace takes back the last one.
      @param {KeyboardEvent} event */
  #keyed(event) {
    if (isComposing(event) || this.field.value !== "" || this.names.length === 0) return;
    if (event.key === "Backspace") this.#remove(this.names.at(-1));
    else if (event.key === "Enter" && !this.field.hasAttribute("aria-activedescendant")) this.form.requestSubmit();
  }

  /** @param {Event} event */
  #pressed(event) {
    if (around(event, "button")) this.#remove(around(event, "[data-name]")?.dataset.name);
    this.field.focus();
  }

  /** @param {string} name */
  #add(name) {
    this.recipients.add(name);
    this.field.value = "";
    this.field.focus();
    this.#show();
  }

  /** @param {string | undefined} name */
  #remove(name) {
    this.recipients.remove(name);
    this.#show();
  }

  // What is shown

  #show() {
    const typed = this.field.value.trim();
    const { length } = this.names;
    this.#found = typed || this.button ? this.recipients.find(typed) : [];
    if (!this.button) this.list.hidden = this.#found.length === 0;
    this.choices.show(this.#found.map((name) => this.#person(this.choice, name)), { start: typed === "" ? -1 : 0 });
    this.chips.replaceChildren(...this.names.map((name) => this.#person(this.chip, name)));
    this.chips.hidden = length === 0;
    const isFull = length > OTHERS_AT_MOST;
    if (this.button) this.button.disabled = length === 0 || typed !== "" || isFull;
    if (this.button && isFull) this.note.textContent = t("new-message.full");
    else if (typed && this.#found.length === 0) this.note.textContent = t("new-message.nobody");
    else this.note.textContent = length ? t("new-message.with", { count: length }) : t(this.hint);
  }

  /** Somebody in the list, or chosen.
      @param {HTMLTemplateElement} template @param {string} name */
  #person(template, name) {
    const { people } = this.chat;
    const item = cloned(template);
    const shown = people.shown(name);
    showFlag(part(item, ".flag"), people.flag(name));
    item.dataset.name = name;
    part(item, "bdi").textContent = shown;
    const note = item.querySelector(".place-note");
    if (note) note.textContent = shown === name ? "" : `@${name}`;
    const button = item.querySelector("button");
    if (button) button.ariaLabel = t("room.remove", { name: shown });
    return item;
  }
}
