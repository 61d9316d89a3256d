/* The field for somebody who is to be let into a private room: it offers the people that there are
   while one types, and whoever is chosen is invited. Loaded when it is needed. What goes wrong is
   `explain`'s to say, as of elements/people/recipient-picker.js. */

import { showFlag } from "../../lib/page/flag.js";
import { cloned, part } from "../../lib/page/parts.js";
import { isComposing } from "../../lib/browser/keys.js";
import { Recipients } from "../../models/people/recipients.js";
import { Choices } from "../page/choices.js";

/** @import { Chat } from "../../models/chat.js" */

export class InviteeField {
  /** @type {string[]} names */
  #found = [];
  /** @type {Recipients} */
  #recipients;

  /** `invite(name)` is called with whoever was chosen.
      @param {{ form: HTMLFormElement, chat: Chat, invite: (name: string) => unknown, explain: (error: unknown) => void }} parts */
  constructor({ form, chat, invite, explain }) {
    this.form = form;
    this.chat = chat;
    this.explain = explain;
    this.field = part(form, "input", HTMLInputElement);
    this.list = part(form, ".choices");
    this.template = part(form, ".choice-template", HTMLTemplateElement);
    this.field.addEventListener("keydown", (event) => this.#keyed(event)); // before the list takes it
    this.field.addEventListener("input", () => this.#typed());
    this.choices = new Choices({ field: this.field, list: this.list, take: (index) => invite(this.#found[index]) });
  }

  /** With what is typed already; `invited` are there.
      @param {string[]} invited names */
  begin(invited) {
    this.#recipients = new Recipients(this.chat);
    this.#recipients.chosen = [...invited];
    return this.#typed();
  }

  /** Whoever is not in the list may be invited by their name all the same.
      @param {KeyboardEvent} event */
  #keyed(event) {
    if (event.key === "Enter" && !isComposing(event) && this.#found.length === 0) this.form.requestSubmit();
  }

  /** Whom the page does not know, the server may. */
  async #typed() {
    const recipients = this.#recipients;
    const typed = this.field.value;
    this.#show();
    try {
      await recipients.ask(typed);
    } catch (error) {
      return this.explain(error);
    }
    if (recipients === this.#recipients && typed === this.field.value) this.#show();
  }

  #show() {
    const typed = this.field.value.trim();
    this.#found = typed === "" ? [] : this.#recipients.find(typed);
    this.choices.show(this.#found.map((name) => this.#item(name)));
    this.list.hidden = this.#found.length === 0;
  }

  /** @param {string} name */
  #item(name) {
    const { people } = this.chat;
    const item = cloned(this.template);
    showFlag(part(item, ".flag"), people.flag(name));
    const shown = people.shown(name);
    part(item, ".place-title").textContent = shown;
    part(item, ".place-note").textContent = shown === name ? "" : `@${name}`;
    return item;
  }
}
