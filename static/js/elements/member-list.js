/* <member-list>: who is here now, in the room that is open. */

import { flagOf } from "../lib/flags.js";
import { t } from "../lib/words.js";
import { Lost, Refused } from "../models/refused.js";

const SHOWN_AT_MOST = 200;

class MemberList extends HTMLElement {
  connectedCallback() {
    this.list = this.querySelector("ul");
    this.count = this.querySelector(".member-count");
    this.more = this.querySelector(".more");
    this.template = this.querySelector("template");
  }

  attend(chat) {
    this.chat = chat;
    this.list.addEventListener("click", (event) => this.#pressed(event));
    document.addEventListener("do-people", () => this.#openPanel());
    chat
      .on("opened", () => this.#show())
      .on("connection", () => this.#show())
      .on("presence", ({ room }) => room === chat.current && this.#show());
    this.#show();
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

  #show() {
    const { current, state } = this.chat;
    this.classList.toggle("stale", state === "offline");
    this.count.textContent = current.count;
    const shown = current.members.slice(0, SHOWN_AT_MOST);
    this.list.replaceChildren(...shown.map((name) => this.#item(name)));
    this.more.hidden = shown.length === current.members.length;
    this.more.textContent = t("member.more", { count: current.members.length - shown.length });
  }

  #item(name) {
    const item = this.template.content.firstElementChild.cloneNode(true);
    const { letter, hue, pattern } = flagOf(name);
    const flag = item.querySelector(".flag");
    flag.textContent = letter;
    Object.assign(flag.dataset, { hue, pattern });
    item.querySelector(".member-name").textContent = name;
    item.querySelector(".self").hidden = name !== this.chat.me;
    const state = this.chat.current.states[name] ?? "online";
    item.dataset.state = state;
    item.querySelector(".state-name").textContent = state === "online" ? "" : t(`status.${state}`);
    item.querySelector(".state").title = t(`status.${state}`);
    const talk = item.querySelector(".member-talk");
    talk.hidden = this.chat.isGuest || name === this.chat.me;
    talk.ariaLabel = talk.title = t("member.talk", { name });
    talk.dataset.name = name;
    return item;
  }
}

customElements.define("member-list", MemberList);
