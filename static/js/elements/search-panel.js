/* <search-panel>: what was said, by the words that are in it. The arrow keys go through what is
   found, Enter goes there. */

import { foundParts } from "../lib/found.js";
import { clockOf, dayName, exactly } from "../lib/times.js";
import { t } from "../lib/words.js";
import { Lost, Refused } from "../models/refused.js";
import { titleFor } from "../models/rooms.js";
import { Search } from "../models/search.js";
import { Choices } from "./choices.js";

class SearchPanel extends HTMLElement {
  connectedCallback() {
    this.dialog = this.querySelector("dialog");
    this.field = this.querySelector("input");
    this.list = this.querySelector(".choices");
    this.note = this.querySelector(".finder-note");
    this.help = this.querySelector(".finder-help");
    this.template = this.querySelector("template");
    this.field.addEventListener("input", () => this.search.type(this.field.value));
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.querySelector("[data-do=close]").addEventListener("click", () => this.dialog.close());
    this.querySelector("[data-do=retry]").addEventListener("click", () => this.search.again());
    document.addEventListener("do-search", () => this.#open());
  }

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
    const { state, messages, problem, query } = this.search;
    if (this.shown !== messages) {
      const isMore = this.shown?.length > 0 && messages[0] === this.shown[0];
      this.shown = messages;
      this.choices.show(messages.map((message) => this.#item(message, query)), { keep: isMore });
    }
    const isEmpty = state === "done" && messages.length === 0;
    this.help.hidden = state !== "idle";
    this.list.hidden = messages.length === 0;
    this.note.dataset.state = state;
    this.note.firstElementChild.textContent = {
      searching: messages.length ? "" : t("search.searching"),
      done: isEmpty ? t("search.nothing", { query }) : t("search.found", { count: messages.length }),
      failed: problem,
    }[state] ?? "";
    this.note.querySelector("button").hidden = state !== "failed";
  }

  /** With the names that people have now. */
  #showAgain() {
    if (!this.dialog.open) return;
    for (const [index, { sender }] of this.search.messages.entries()) {
      const place = this.list.children[index]?.querySelector(".hit-sender");
      if (place) place.textContent = this.chat.people.shown(sender);
    }
  }

  #item(message, query) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    const room = this.chat.rooms.get(message.room);
    item.querySelector(".hit-room").textContent = room ? titleFor(room, this.chat) : message.room;
    const sender = item.querySelector(".hit-sender");
    sender.textContent = this.chat.people.shown(message.sender);
    sender.title = `@${message.sender}`;
    const time = item.querySelector("time");
    time.dateTime = message.at;
    time.textContent = `${dayName(message.at)}, ${clockOf(message.at)}`;
    time.title = exactly(message.at);
    item.querySelector(".hit-text").replaceChildren(...nodesOf(message.text, query));
    return item;
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollHeight - scrollTop - clientHeight < clientHeight) this.search.loadMore();
  }

  async #go({ room, seq }) {
    this.dialog.close();
    try {
      await this.chat.show(room, seq);
    } catch (error) {
      // Its place does not come now; the room itself says that the connection is gone.
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
    }
  }
}

function nodesOf(text, query) {
  return foundParts(text, query).map(({ text, isFound }) => {
    if (!isFound) return document.createTextNode(text);
    const mark = document.createElement("mark");
    mark.textContent = text;
    return mark;
  });
}

customElements.define("search-panel", SearchPanel);
