/* <search-panel>: what was said, by the words that are in it. A list that stays: beside the conversation
   where there is room for both, over it elsewhere. The arrow keys go through what is found, Enter goes
   there; before it stands what the query may go on with. What is sought is in the address, so that
   Back leads to it again. */

import { closeOpen, searchedIn, showSearched } from "../../lib/page/address-bar.js";
import { filesInShort } from "../../lib/page/files-part.js";
import { showFlag } from "../../lib/page/flag.js";
import { foundParts } from "../../lib/search/found.js";
import { cloned, part } from "../../lib/page/parts.js";
import { finished, HAS, withFilter } from "../../lib/search/query.js";
import { pathOf } from "../../lib/page/routes.js";
import { clockOf, dayName, dayOf, exactly, shortDay } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { peopleLike, roomsLike } from "../../models/composer/completion.js";
import { ignoreUnanswered } from "../../models/refused.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { Search } from "../../models/lists/search.js";
import { offersFor } from "../../models/lists/search-offers.js";
import { Choices } from "../page/choices.js";
import { SearchFilters } from "./search-filters.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Offer } from "../../models/lists/search-offers.js" */
/** @import { Message } from "../../types.js" */

const DAYS_AGO = [0, 1, 7, 30, 365];
const DAY_MS = 86_400_000;
/** @type {Message[]} */
const NONE = [];

class SearchPanel extends HTMLElement {
  field = part(this, ".finder-input", HTMLInputElement);
  list = part(this, ".choices");
  note = part(this, ".finder-note");
  noted = /** @type {Element} */ (this.note.firstElementChild);
  retry = part(this, "[data-do=retry]", HTMLButtonElement);
  help = part(this, ".finder-help");
  template = part(this, "template", HTMLTemplateElement);
  composer = part(document, "message-composer textarea", HTMLTextAreaElement);
  beside = matchMedia("(width >= 72rem)");
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

  filters = new SearchFilters({
    bar: part(this, ".search-filters"),
    query: () => this.field.value,
    change: (query) => this.#seek(query),
    said: (key, value) => this.#said(key, value),
  });

  connectedCallback() {
    this.field.addEventListener("input", () => this.#typed());
    this.list.addEventListener("scroll", () => this.#scrolled(), { passive: true });
    this.addEventListener("keydown", (event) => {
      if (event.key !== "Escape" || event.defaultPrevented) return;
      event.preventDefault();
      this.#close();
    });
    part(this, "[data-do=close]").addEventListener("click", () => this.#close());
    this.retry.addEventListener("click", () => this.search.again());
    document.addEventListener("do-search", (event) => this.#asked(event));
    addEventListener("popstate", () => this.#followAddress());
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
    chat.on("connection", () => chat.state === "online" && this.search.state === "failed" && this.search.again());
    if (searchedIn(location) !== null) this.#followAddress();
  }

  /** Opened by a key or a button, which may bring the beginning of a query along.
      @param {Event} event */
  #asked(event) {
    const begun = event instanceof CustomEvent ? event.detail?.query : undefined;
    if (this.hidden) {
      this.#open();
      showSearched(this.field.value, { isNew: true });
      closeOpen();
    }
    if (begun) this.#seek(`${begun} `);
    this.field.focus();
    if (!begun) this.field.select();
  }

  /** @param {boolean} isShown */
  #reveal(isShown) {
    this.hidden = !isShown;
    document.body.toggleAttribute("data-searching", isShown);
  }

  #open() {
    this.#reveal(true);
    if (this.search.query) this.search.again();
  }

  #close() {
    this.#reveal(false);
    this.composer.focus();
    showSearched(null);
  }

  #followAddress() {
    const sought = searchedIn(location);
    this.#reveal(sought !== null);
    if (sought === null) return;
    if (this.field.value !== sought) this.field.value = sought;
    this.search.type(finished(sought));
    this.#show();
  }

  #typed() {
    this.search.type(finished(this.field.value));
    showSearched(this.field.value);
    this.#show();
  }

  /** @param {string} query */
  #seek(query) {
    this.field.value = query;
    this.#typed();
    this.field.focus();
    this.field.setSelectionRange(query.length, query.length);
  }

  #show() {
    const { state, problem, mayHelp, query, more } = this.search;
    const offers = this.#offersNow();
    const isBegun = offers.length > 0 && /:\S*$/u.test(this.field.value); // Then it is not sought yet.
    const messages = isBegun ? NONE : this.search.messages;
    if (this.#shown !== messages || JSON.stringify(offers) !== JSON.stringify(this.#offers)) {
      const isMore = offers.length === 0 && this.#shown.length > 0 && messages[0] === this.#shown[0];
      this.#shown = messages;
      this.#offers = offers;
      const items = [...offers.map(offerItem), ...messages.map((message) => this.#item(message, query))];
      this.choices.show(items, { keep: isMore, start: isBegun ? 0 : offers.length });
    }
    this.filters.show();
    const isEmpty = state === "done" && messages.length === 0;
    this.help.hidden = state !== "idle" || offers.length > 0;
    this.list.hidden = messages.length + offers.length === 0;
    this.note.dataset.state = isBegun ? "idle" : state;
    this.noted.textContent = {
      idle: "",
      searching: messages.length ? "" : t("search.searching"),
      done: isEmpty ? t("search.nothing", { query }) : t(more ? "search.found-so-far" : "search.found", { count: messages.length }),
      failed: problem,
    }[state];
    this.retry.hidden = state !== "failed" || !mayHelp;
  }

  /** With the names that people have now. */
  #showAgain() {
    if (this.hidden) return;
    for (const [index, message] of this.#shown.entries()) {
      const item = this.list.children[index + this.#offers.length];
      if (item instanceof HTMLElement) this.#showSender(item, message);
    }
  }

  /** @param {Message} message @param {string} query */
  #item(message, query) {
    const item = cloned(this.template);
    this.#showSender(item, message);
    const room = this.chat.rooms.get(message.room);
    part(item, ".hit-room").textContent = room ? titleFor(room, this.chat) : message.room;
    const time = part(item, "time", HTMLTimeElement);
    time.dateTime = message.at;
    time.textContent = `${dayName(message.at)}, ${clockOf(message.at)}`;
    time.title = exactly(message.at);
    part(item, ".hit-text").replaceChildren(...this.#nodesOf([message.text, filesInShort(message.files)].filter(Boolean).join(" "), query));
    return item;
  }

  /** @param {HTMLElement} item @param {Message} message */
  #showSender(item, { sender }) {
    const name = part(item, ".hit-sender");
    name.textContent = this.chat.people.shown(sender);
    name.title = `@${sender}`;
    const flag = part(item, ".flag");
    showFlag(flag, this.chat.people.flag(sender));
  }

  /** @param {string} text @param {string} query */
  #nodesOf(text, query) {
    const parts = foundParts(text, query);
    return parts.map(({ text, isFound }) =>
      isFound ? Object.assign(document.createElement("mark"), { textContent: text }) : document.createTextNode(text),
    );
  }

  #scrolled() {
    const { scrollHeight, scrollTop, clientHeight } = this.list;
    if (scrollHeight - scrollTop - clientHeight < clientHeight) this.search.loadMore();
  }

  /** A filter's value as people read it.
      @param {import("../../lib/search/query.js").Key} key @param {string} value */
  #said(key, value) {
    if (key === "has") return HAS.includes(value.toLowerCase()) ? t(`has.${value.toLowerCase()}`) : `has:${value}`;
    if (key === "file" || key === "thread" || key === "is") return `${key}:${value}`;
    if (key === "from") return this.chat.people.shown(value.replace(/^@/u, ""));
    if (key === "in") {
      const room = this.chat.rooms.get(value.replace(/^#/u, ""));
      return room ? titleFor(room, this.chat) : value;
    }
    return t(key === "after" ? "search.since" : "search.until", { day: shortDay(value) });
  }

  #offersNow() {
    const { rooms, people, now } = this.chat;
    const called = [...rooms.values()].filter(({ kind, group }) => kind !== "direct" || group?.named);
    const known = {
      names: [...people.names],
      rooms: called.map((room) => ({ name: room.name, title: titleFor(room, this.chat) })),
      days: DAYS_AGO.map((ago) => {
        const day = dayOf(new Date(now().getTime() - ago * DAY_MS).toISOString());
        return { day, hint: t(`ago.${ago}`) };
      }),
      shown: (/** @type {string} */ name) => people.shown(name),
    };
    const offers = offersFor(this.field.value, known, { peopleLike, roomsLike });
    const isDay = /(?:after|before):$/iu.test(this.field.value);
    return isDay ? [...offers, this.#lastMonth(), { label: t("search.pick-day"), hint: "", text: "" }] : offers;
  }

  /** From its first day to that of this month, in place of the filter that was begun. */
  #lastMonth() {
    const today = this.chat.now();
    const [first, next] = [-1, 0].map((months) => {
      return dayOf(new Date(today.getFullYear(), today.getMonth() + months, 1).toISOString());
    });
    const rest = this.field.value.replace(/\s*-?(?:after|before):$/iu, "");
    const text = withFilter(withFilter(rest, "after", first), "before", next);
    return { label: t("search.last-month"), hint: first.slice(0, 7), text: `${text} ` };
  }

  /** @param {number} index */
  #take(index) {
    const offer = this.#offers[index];
    if (!offer) return void this.#go(this.#shown[index - this.#offers.length]);
    if (offer.text) this.#seek(offer.text);
    else this.filters.pickDay();
  }

  /** Beside the conversation, the list stays. Over it, it makes way, and Back leads to it.
      @param {Message} message */
  async #go({ room, seq }) {
    if (!this.beside.matches) {
      history.pushState(null, "", pathOf(room));
      this.#reveal(false);
    }
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
