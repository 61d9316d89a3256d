/* <member-list>: who is here now, in the room that is open, and who belongs to it and is not. */

import { showFlag } from "../../lib/page/flag.js";
import { around, cloned, fill, part, write } from "../../lib/page/parts.js";
import { ago, exactly } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { ignoreUnanswered, problemOf } from "../../models/refused.js";

const SHOWN_AT_ONCE = 100; // and with each press of "more"
const ASK_ANEW_SECONDS = 2;
const ASKED_ANEW_AT_MOST = 100; // people here: beyond, somebody always comes or goes
const AGES_EVERY_SECONDS = 60;

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { State } from "../../types.js" */

class MemberList extends HTMLElement {
  list = part(this, ".people");
  count = part(this, ".member-count");
  more = part(this, ".more");
  absent = part(this, ".absent");
  absentList = part(this.absent, "ul");
  template = part(this, "template", HTMLTemplateElement);
  /** @type {Chat} */
  chat;
  /** @type {Room} */
  room;
  /** @type {string[]} names */
  #away = [];
  /** @type {Map<string, HTMLElement>} by name: an item stays the same as long as somebody is listed */
  #items = listedIn(this);
  #isAsking = false;
  #shown = SHOWN_AT_ONCE;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.addEventListener("click", (event) => this.#pressed(event));
    document.addEventListener("do-people", () => this.#openPanel());
    chat
      .on("opened", () => this.#open())
      .on("connection", () => this.#open())
      .on("people", () => this.#show())
      .on("presence", ({ room }) => room === chat.current && this.#changed());
    this.#open();
    this.#growOlder();
  }

  /** @param {Event} event */
  async #pressed(event) {
    const button = around(event, "button");
    const { name } = button?.dataset ?? {};
    try {
      if (button === this.more) return await this.#showMore();
      if (!name) return;
      this.chat.open(await this.chat.talkTo(name));
      this.#panel.hidePopover();
    } catch (error) {
      this.#explain(problemOf(error));
    }
  }

  async #showMore() {
    const { current, people } = this.chat;
    if (current.members.length < current.count) await people.listMore(current);
    this.#shown += SHOWN_AT_ONCE;
    this.#show();
  }

  /** @param {string} problem */
  #explain(problem) {
    this.more.hidden = false;
    this.more.textContent = problem;
  }

  /** Beside the talk there is nothing to open, only somewhere to go. */
  #openPanel() {
    if (getComputedStyle(this.#panel).display === "none") this.#panel.showPopover();
    this.list.focus();
  }

  get #panel() {
    return /** @type {HTMLElement} */ (this.closest("[popover]"));
  }

  // Who is away

  #open() {
    if (this.room !== this.chat.current) {
      this.#away = [];
      this.#shown = SHOWN_AT_ONCE;
    }
    this.room = this.chat.current;
    this.#show();
    if (this.chat.state === "online") this.#ask();
  }

  #changed() {
    this.#show();
    if (this.#isAsking || this.chat.current.count > ASKED_ANEW_AT_MOST) return;
    this.#isAsking = true;
    this.chat.later(() => {
      this.#isAsking = false;
      this.#ask();
    }, ASK_ANEW_SECONDS);
  }

  async #ask() {
    const { current, isGuest, people } = this.chat;
    if (isGuest) return;
    try {
      const away = await people.away(current.name);
      if (current !== this.chat.current) return;
      this.#away = away;
      this.#show();
    } catch (error) {
      ignoreUnanswered(error);
    }
  }

  #growOlder() {
    this.chat.later(() => {
      if (!this.absent.hidden) this.#show();
      this.#growOlder();
    }, AGES_EVERY_SECONDS);
  }

  // What is shown

  #show() {
    const { current, state } = this.chat;
    this.classList.toggle("stale", state === "offline");
    this.count.textContent = String(current.count);
    const shown = current.members.slice(0, this.#shown);
    this.more.hidden = shown.length >= current.count;
    this.more.textContent = t("member.more", { count: current.count - shown.length });
    const away = this.#away.filter((name) => !current.members.includes(name));
    this.absent.hidden = away.length === 0;
    this.#items = new Map([...shown, ...away].map((name) => [name, this.#items.get(name) ?? cloned(this.template)]));
    const hadFocus = this.contains(document.activeElement);
    fill(this.list, shown.map((name) => this.#item(name)));
    fill(this.absentList, away.map((name) => this.#item(name, { isAway: true })));
    if (hadFocus && !this.contains(document.activeElement)) this.list.focus({ preventScroll: true });
  }

  /** @param {string} name @param {{ isAway?: boolean }} [how] */
  #item(name, { isAway = false } = {}) {
    const { people, current, me, isGuest } = this.chat;
    const item = /** @type {HTMLElement} */ (this.#items.get(name));
    showFlag(part(item, ".flag"), people.flag(name));
    item.dataset.sender = name;
    const shown = part(item, ".member-name");
    write(shown, people.shown(name));
    shown.title = `@${name}`;
    part(item, ".self").hidden = name !== me;
    write(part(item, ".role-mark"), people.mark(name, { guests: !isGuest }));
    const state = isAway ? "gone" : (current.states[name] ?? "online");
    item.dataset.state = state;
    this.#showState(item, name, state);
    const talk = part(item, ".member-talk", HTMLButtonElement);
    talk.hidden = isGuest || name === me;
    talk.ariaLabel = talk.title = t("member.talk", { name: people.shown(name) });
    talk.dataset.name = name;
    return item;
  }

  /** @param {HTMLElement} item @param {string} name @param {State | "gone"} state */
  #showState(item, name, state) {
    const isGone = state === "gone";
    const seen = part(item, ".member-seen");
    seen.hidden = !isGone;
    part(item, ".state-name").textContent = isGone || state === "online" ? "" : t(`status.${state}`);
    part(item, ".state").title = isGone ? "" : t(`status.${state}`);
    if (!isGone) return;
    const at = this.chat.people.of(name)?.last_seen;
    seen.textContent = at ? ago(at, this.chat.now()) : t("seen.never");
    seen.title = at ? t("seen.last", { when: exactly(at) }) : "";
  }
}

/** Whom the server has listed.
    @param {HTMLElement} list @returns {Map<string, HTMLElement>} */
function listedIn(list) {
  /** @type {NodeListOf<HTMLElement>} */
  const items = list.querySelectorAll(".member");
  return new Map(Array.from(items, (item) => [item.dataset.sender ?? "", item]));
}

customElements.define("member-list", MemberList);
