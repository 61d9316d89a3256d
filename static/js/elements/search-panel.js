/* <search-panel>: what was said, by the words that are in it. The arrow keys go through what is
   found, Enter goes there; before it stands what an operator may go on with, as long as it may. */

import { cloned, part } from "../lib/parts.js";
import { clockOf, dayName, exactly } from "../lib/times.js";
import { t } from "../lib/words.js";
import { peopleLike, roomsLike } from "../models/completion.js";
import { ignoreUnanswered } from "../models/refused.js";
import { titleFor } from "../models/rooms.js";
import { Search } from "../models/search.js";
import { Choices } from "./choices.js";

/** @import { Chat } from "../models/chat.js" */
/** @import { Offer } from "../models/search-offers.js" */
/** @import { Message } from "../types.js" */

const FOUND = "../lib/found.js";
const OFFERS = "../models/search-offers.js";

class SearchPanel extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  field = part(this, "input", HTMLInputElement);
  list = part(this, ".choices");
  note = part(this, ".finder-note");
  noted = /** @type {Element} */ (this.note.firstElementChild);
  retry = part(this, "[data-do=retry]", HTMLButtonElement);
  help = part(this, ".finder-help");
  template = part(this, "template", HTMLTemplateElement);
  /** @type {typeof import("../lib/found.js").foundParts | undefined} */
  foundParts;
  /** @type {typeof import("../models/search-offers.js").offersFor | undefined} */
  offersFor;
  /** @type {Chat} */
  chat;
  /** @type {Search} */
  search;
  /** @type {Choices} */
  choices;
  /** @type {Message[]} */
  #shown = [];
  /** @type {Offer[]} */
  #offers = [];

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
      take: (index) => this.#take(index),
      nearEnd: () => this.search.loadMore(),
    });
    this.#show();
  }

  #open() {
    this.#loadMarks();
    if (!this.dialog.open) this.dialog.showModal();
    this.field.select();
    if (this.search.query) this.search.again();
  }

  /** What marks the finds and offers names; without it, the search works all the same. */
  async #loadMarks() {
    if (this.foundParts) return;
    try {
      const [{ foundParts }, { offersFor }] = await Promise.all([import(FOUND), import(OFFERS)]);
      Object.assign(this, { foundParts, offersFor });
    } catch {
      return; // The network is away, and the search with it.
    }
    this.#shown = [];
    this.#show();
  }

  #show() {
    const { state, messages, problem, mayHelp, query } = this.search;
    const offers = this.#offersNow();
    if (this.#shown !== messages || JSON.stringify(offers) !== JSON.stringify(this.#offers)) {
      const isMore = offers.length === 0 && this.#shown.length > 0 && messages[0] === this.#shown[0];
      this.#shown = messages;
      this.#offers = offers;
      const items = [...offers.map(offerItem), ...messages.map((message) => this.#item(message, query))];
      this.choices.show(items, { keep: isMore });
    }
    const isEmpty = state === "done" && messages.length === 0;
    this.help.hidden = state !== "idle";
    this.list.hidden = messages.length + offers.length === 0;
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
      const place = this.list.children[index + this.#offers.length]?.querySelector(".hit-sender");
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
    part(item, ".hit-text").replaceChildren(...this.#nodesOf(message.text, query));
    return item;
  }

  /** @param {string} text @param {string} query */
  #nodesOf(text, query) {
    const parts = this.foundParts?.(text, query) ?? [{ text, isFound: false }];
    return parts.map(({ text, isFound }) =>
      isFound ? Object.assign(document.createElement("mark"), { textContent: text }) : document.createTextNode(text),
    );
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollHeight - scrollTop - clientHeight < clientHeight) this.search.loadMore();
  }

  #offersNow() {
    const { rooms, people } = this.chat;
    const called = [...rooms.values()].filter(({ kind }) => kind !== "direct");
    const titled = called.map((room) => ({ name: room.name, title: titleFor(room, this.chat) }));
    const known = { names: [...people.names], rooms: titled, shown: (/** @type {string} */ name) => people.shown(name) };
    return this.offersFor?.(this.field.value, known, { peopleLike, roomsLike }) ?? [];
  }

  /** @param {number} index */
  #take(index) {
    const offer = this.#offers[index];
    if (!offer) return void this.#go(this.search.messages[index - this.#offers.length]);
    this.field.value = offer.text;
    this.search.type(offer.text);
    this.#show();
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

/** @param {Offer} offer */
function offerItem({ label, hint }) {
  const item = Object.assign(document.createElement("li"), { className: "choice offer" });
  const name = Object.assign(document.createElement("bdi"), { textContent: label });
  item.append(name, " ", Object.assign(document.createElement("span"), { className: "hint", textContent: hint }));
  return item;
}

customElements.define("search-panel", SearchPanel);
