/* <search-panel>: what was said, by the words that are in it. The arrow keys go through what is
   found, Enter goes there. */

import { foundParts } from "../lib/found.js";
import { cloned, part } from "../lib/parts.js";
import { clockOf, dayName, exactly } from "../lib/times.js";
import { t } from "../lib/words.js";
import { ignoreUnanswered } from "../models/refused.js";
import { titleFor } from "../models/rooms.js";
import { Search } from "../models/search.js";
import { Choices } from "./choices.js";

/** @import { Chat } from "../models/chat.js" */
/** @import { Message } from "../types.js" */

class SearchPanel extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  field = part(this, "input", HTMLInputElement);
  list = part(this, ".choices");
  note = part(this, ".finder-note");
  noted = /** @type {Element} */ (this.note.firstElementChild);
  retry = part(this, "[data-do=retry]", HTMLButtonElement);
  help = part(this, ".finder-help");
  template = part(this, "template", HTMLTemplateElement);
  /** @type {Chat} */
  chat;
  /** @type {Search} */
  search;
  /** @type {Choices} */
  choices;
  /** @type {Message[]} */
  #shown = [];

  connectedCallback() {
    this.field.addEventListener("input", () => this.search.type(this.field.value));
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    this.retry.addEventListener("click", () => this.search.again());
    document.addEventListener("do-search", () => this.#open());
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.search = new Search(chat);
    this.search.on("changed", () => this.#show());
    chat.on("people", () => this.#showAgain());
    this.choices = new Choices({
      field: this.field,
      list: this.list,
      take: (index) => this.#go(this.search.messages[index]),
      nearEnd: () => this.search.loadMore(),
    });
    this.#show();
  }

  #open() {
    if (!this.dialog.open) this.dialog.showModal();
    this.field.select();
    if (this.search.query) this.search.again();
  }

  #show() {
    const { state, messages, problem, mayHelp, query } = this.search;
    if (this.#shown !== messages) {
      const isMore = this.#shown.length > 0 && messages[0] === this.#shown[0];
      this.#shown = messages;
      this.choices.show(messages.map((message) => this.#item(message, query)), { keep: isMore });
    }
    const isEmpty = state === "done" && messages.length === 0;
    this.help.hidden = state !== "idle";
    this.list.hidden = messages.length === 0;
    this.note.dataset.state = state;
    this.noted.textContent = {
      idle: "",
      searching: messages.length ? "" : t("search.searching"),
      done: isEmpty ? t("search.nothing", { query }) : t("search.found", { count: messages.length }),
      failed: problem,
    }[state];
    this.retry.hidden = state !== "failed" || !mayHelp;
  }

  /** With the names that people have now. */
  #showAgain() {
    if (!this.dialog.open) return;
    for (const [index, { sender }] of this.search.messages.entries()) {
      const place = this.list.children[index]?.querySelector(".hit-sender");
      if (place) place.textContent = this.chat.people.shown(sender);
    }
  }

  /** @param {Message} message @param {string} query */
  #item(message, query) {
    const item = cloned(this.template);
    const room = this.chat.rooms.get(message.room);
    part(item, ".hit-room").textContent = room ? titleFor(room, this.chat) : message.room;
    const sender = part(item, ".hit-sender");
    sender.textContent = this.chat.people.shown(message.sender);
    sender.title = `@${message.sender}`;
    const time = part(item, "time", HTMLTimeElement);
    time.dateTime = message.at;
    time.textContent = `${dayName(message.at)}, ${clockOf(message.at)}`;
    time.title = exactly(message.at);
    part(item, ".hit-text").replaceChildren(...nodesOf(message.text, query));
    return item;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollHeight - scrollTop - clientHeight < clientHeight) this.search.loadMore();
  }

  /** @param {Message} message */
  async #go({ room, seq }) {
    this.dialog.close();
    try {
      await this.chat.show(room, seq);
    } catch (error) {
      // Its place does not come now; the room itself says that the connection is gone.
      ignoreUnanswered(error);
    }
  }
}

/** @param {string} text @param {string} query */
function nodesOf(text, query) {
  return foundParts(text, query).map(({ text, isFound }) => {
    if (!isFound) return document.createTextNode(text);
    const mark = document.createElement("mark");
    mark.textContent = text;
    return mark;
  });
}

customElements.define("search-panel", SearchPanel);
