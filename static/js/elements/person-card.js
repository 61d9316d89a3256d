/* <person-card>: who somebody is, beside their name: both names, what they are doing or when they
   were last here, and a way to talk to them. It comes when the pointer rests on a name or a flag,
   and at once when it is pressed. */

import { ago, exactly } from "../lib/times.js";
import { t } from "../lib/words.js";
import { Lost, Refused } from "../models/refused.js";

const RESTS_MS = 450;
const LEAVES_MS = 250;
const GAP_PX = 8;
const NAMES = ".message .sender, .message > .flag, .member-name, .member > .flag";

class PersonCard extends HTMLElement {
  connectedCallback() {
    this.popover = "auto";
    this.talk = this.querySelector("[data-do=talk]");
    this.problem = this.querySelector(".problem");
    document.addEventListener("click", (event) => this.#pressed(event));
    document.addEventListener("pointerover", (event) => this.#pointed(event));
    this.addEventListener("pointerleave", () => this.#hideSoon());
    this.addEventListener("toggle", ({ newState }) => this.#toggled(newState));
    this.talk.addEventListener("click", () => this.#talk());
  }

  attend(chat) {
    this.chat = chat;
    chat.on("people", ({ names }) => names.has(this.name) && this.#show());
  }

  // What brings it

  /** Who came by keyboard goes on in the card, and back to the name when it closes. */
  #pressed({ target, detail }) {
    const beside = target.closest?.(NAMES);
    if (!beside) return;
    this.#open(beside);
    if (detail === 0 && !this.talk.hidden) this.talk.focus();
  }

  #pointed({ target, pointerType }) {
    if (pointerType === "touch" || this.contains(target)) return clearTimeout(this.timer);
    const beside = target.closest?.(NAMES);
    if (beside === this.beside) return;
    clearTimeout(this.timer);
    if (beside) this.timer = setTimeout(() => this.#open(beside), RESTS_MS);
    else this.#hideSoon();
    this.beside = beside;
  }

  #hideSoon() {
    clearTimeout(this.timer);
    this.timer = setTimeout(() => this.hidePopover(), LEAVES_MS);
  }

  #toggled(state) {
    if (state === "closed") this.beside = this.name = null;
  }

  // What it shows

  async #open(beside) {
    clearTimeout(this.timer);
    const name = beside.closest("[data-sender]")?.dataset.sender;
    if (!name || !beside.isConnected) return;
    this.name = name;
    this.beside = beside;
    this.problem.textContent = "";
    this.#show();
    this.showPopover();
    this.#stand(beside.getBoundingClientRect());
    try {
      await this.chat.people.lookAt(name);
    } catch (error) {
      if (!(error instanceof Lost || error instanceof Refused)) throw error;
    }
    if (this.name === name) this.#show();
  }

  #show() {
    const { people, me, isGuest } = this.chat;
    const { name } = this;
    const profile = people.of(name);
    const { letter, hue, pattern } = people.flag(name);
    const flag = this.querySelector(".flag");
    flag.textContent = letter;
    Object.assign(flag.dataset, { hue, pattern });
    this.querySelector(".card-shown").textContent = people.shown(name);
    this.querySelector(".card-name").textContent = `@${name}`;
    const role = this.querySelector(".card-role");
    role.hidden = !profile?.role;
    role.textContent = profile?.role ? t(`role.${profile.role}`) : "";
    this.#showSeen(profile);
    this.talk.hidden = isGuest || name === me || !profile;
    this.ariaLabel = people.shown(name);
  }

  #showSeen(profile) {
    const isHere = this.chat.current.states[this.name] ?? this.chat.current.members.includes(this.name);
    const state = profile?.state ?? (isHere === true ? "online" : isHere || undefined);
    const line = this.querySelector(".card-seen");
    this.querySelector(".card-state").dataset.state = state ?? "gone";
    line.title = "";
    if (state) line.textContent = t(`status.${state}`);
    else if (profile?.last_seen) {
      line.textContent = t("seen.last", { when: ago(profile.last_seen, this.chat.now()) });
      line.title = exactly(profile.last_seen);
    } else line.textContent = t("seen.gone");
  }

  /** Below the name, or above it where there is no room. */
  #stand({ top, bottom, left, right }) {
    const { width, height } = this.getBoundingClientRect();
    const isBelow = bottom + GAP_PX + height < innerHeight;
    const start = document.dir === "rtl" ? right - width : left;
    this.style.insetBlockStart = `${isBelow ? bottom + GAP_PX : Math.max(GAP_PX, top - GAP_PX - height)}px`;
    this.style.left = `${Math.max(GAP_PX, Math.min(start, innerWidth - width - GAP_PX))}px`;
  }

  async #talk() {
    try {
      const room = await this.chat.talkTo(this.name);
      this.hidePopover();
      this.chat.open(room);
    } catch (error) {
      if (error instanceof Lost) this.problem.textContent = t("offline.try-again");
      else if (error instanceof Refused) this.problem.textContent = error.message;
      else throw error;
    }
  }
}

customElements.define("person-card", PersonCard);
