/* <member-list>: who is here now, in the room that is open, and who belongs to it and is not. */

import { ago, exactly } from "../lib/times.js";
import { t } from "../lib/words.js";
import { Lost, Refused } from "../models/refused.js";

const SHOWN_AT_MOST = 200;
const ASK_ANEW_SECONDS = 2;
const ASKED_ANEW_AT_MOST = 100; // people here: beyond, somebody always comes or goes
const AGES_EVERY_SECONDS = 60;

class MemberList extends HTMLElement {
  #away = []; // names
  #isAsking = false;

  connectedCallback() {
    this.list = this.querySelector(".people");
    this.count = this.querySelector(".member-count");
    this.more = this.querySelector(".more");
    this.absent = this.querySelector(".absent");
    this.absentList = this.absent.querySelector("ul");
    this.template = this.querySelector("template");
  }

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

  async #pressed(event) {
    const { name } = event.target.closest("button")?.dataset ?? {};
    if (!name) return;
    try {
      this.chat.open(await this.chat.talkTo(name));
      this.closest("[popover]").hidePopover();
    } catch (error) {
      if (error instanceof Lost) this.#explain(t("offline.try-again"));
      else if (error instanceof Refused) this.#explain(error.message);
      else throw error;
    }
  }

  #explain(problem) {
    this.more.hidden = false;
    this.more.textContent = problem;
  }

  /** Beside the talk there is nothing to open, only somewhere to go. */
  #openPanel() {
    const panel = this.closest("[popover]");
    if (getComputedStyle(panel).display === "none") panel.showPopover();
    this.list.focus();
  }

  // Who is away

  #open() {
    if (this.room !== this.chat.current) this.#away = [];
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
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
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
    this.count.textContent = current.count;
    const shown = current.members.slice(0, SHOWN_AT_MOST);
    this.list.replaceChildren(...shown.map((name) => this.#item(name)));
    this.more.hidden = shown.length === current.members.length;
    this.more.textContent = t("member.more", { count: current.members.length - shown.length });
    const away = this.#away.filter((name) => !current.members.includes(name));
    this.absent.hidden = away.length === 0;
    this.absentList.replaceChildren(...away.map((name) => this.#item(name, { isAway: true })));
  }

  #item(name, { isAway = false } = {}) {
    const { people, current, me, isGuest } = this.chat;
    const item = this.template.content.firstElementChild.cloneNode(true);
    const { letter, hue, pattern } = people.flag(name);
    const flag = item.querySelector(".flag");
    flag.textContent = letter;
    Object.assign(flag.dataset, { hue, pattern });
    item.dataset.sender = name;
    const shown = item.querySelector(".member-name");
    shown.textContent = people.shown(name);
    shown.title = `@${name}`;
    item.querySelector(".self").hidden = name !== me;
    const state = isAway ? "gone" : (current.states[name] ?? "online");
    item.dataset.state = state;
    this.#showState(item, name, state);
    const talk = item.querySelector(".member-talk");
    talk.hidden = isGuest || name === me;
    talk.ariaLabel = talk.title = t("member.talk", { name: people.shown(name) });
    talk.dataset.name = name;
    return item;
  }

  #showState(item, name, state) {
    const seen = item.querySelector(".member-seen");
    seen.hidden = state !== "gone";
    if (state === "gone") {
      const at = this.chat.people.of(name)?.last_seen;
      seen.textContent = at ? ago(at, this.chat.now()) : t("seen.never");
      seen.title = at ? t("seen.last", { when: exactly(at) }) : "";
      return;
    }
    item.querySelector(".state-name").textContent = state === "online" ? "" : t(`status.${state}`);
    item.querySelector(".state").title = t(`status.${state}`);
  }
}

customElements.define("member-list", MemberList);
