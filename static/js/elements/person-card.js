/* <person-card>: who somebody is, beside their name: both names, what they are doing or when they
   were last here, and a way to talk to them. It comes when the pointer rests on a name or a flag,
   and at once when it is pressed. */

import { around, part } from "../lib/parts.js";
import { ago, exactly } from "../lib/times.js";
import { laterSheet } from "../lib/sheets.js";
import { t } from "../lib/words.js";
import { ignoreUnanswered, problemOf } from "../models/refused.js";

const RESTS_MS = 450;
const LEAVES_MS = 250;
const GAP_PX = 8;
const NAMES = ".message .sender, .message > .flag, .member-name, .member > .flag";

/** @import { Chat } from "../models/chat.js" */
/** @import { Profile } from "../types.js" */

class PersonCard extends HTMLElement {
  talk = part(this, "[data-do=talk]", HTMLButtonElement);
  problem = part(this, ".problem");
  /** @type {Chat} */
  chat;
  /** @type {string | null} of whom it tells */
  name = null;
  /** @type {HTMLElement | null} */
  beside = null;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #timer;

  connectedCallback() {
    this.popover = "auto";
    document.addEventListener("click", (event) => this.#pressed(event));
    document.addEventListener("pointerover", (event) => this.#pointed(event));
    this.addEventListener("pointerleave", () => this.#hideSoon());
    this.addEventListener("toggle", ({ newState }) => this.#toggled(newState));
    this.talk.addEventListener("click", () => this.#talk());
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat.on("people", ({ names }) => this.name && names.has(this.name) && this.#show(this.name));
  }

  // What brings it

  /** Who came by keyboard goes on in the card, and back to the name when it closes.
      @param {MouseEvent} event */
  #pressed(event) {
    const beside = around(event, NAMES);
    if (!beside) return;
    this.#open(beside, { byKey: event.detail === 0 });
  }

  /** @param {PointerEvent} event */
  #pointed(event) {
    if (event.pointerType === "touch" || around(event, "person-card")) return clearTimeout(this.#timer);
    const beside = around(event, NAMES);
    if (beside === this.beside) return;
    clearTimeout(this.#timer);
    if (beside) this.#timer = setTimeout(() => this.#open(beside), RESTS_MS);
    else this.#hideSoon();
    this.beside = beside;
  }

  #hideSoon() {
    clearTimeout(this.#timer);
    this.#timer = setTimeout(() => this.hidePopover(), LEAVES_MS);
  }

  /** @param {string} state */
  #toggled(state) {
    if (state === "closed") this.beside = this.name = null;
  }

  // What it shows

  /** @param {HTMLElement} beside @param {{ byKey?: boolean }} [how] */
  async #open(beside, { byKey = false } = {}) {
    clearTimeout(this.#timer);
    const name = beside.closest("[data-sender]")?.getAttribute("data-sender");
    await laterSheet().catch(() => {}); // Without a network, the card is plain.
    if (!name || !beside.isConnected) return;
    this.name = name;
    this.beside = beside;
    this.problem.textContent = "";
    this.#show(name);
    this.showPopover();
    this.#stand(beside.getBoundingClientRect());
    if (byKey && !this.talk.hidden) this.talk.focus();
    try {
      await this.chat.people.lookAt(name);
    } catch (error) {
      ignoreUnanswered(error);
    }
    if (this.name === name) this.#show(name);
  }

  /** @param {string} name */
  #show(name) {
    const { people, me, isGuest } = this.chat;
    const profile = people.of(name);
    const { letter, hue, pattern } = people.flag(name);
    const flag = part(this, ".flag");
    flag.textContent = letter;
    Object.assign(flag.dataset, { hue, pattern });
    part(this, ".card-shown").textContent = people.shown(name);
    part(this, ".card-name").textContent = `@${name}`;
    const role = part(this, ".card-role");
    role.hidden = !profile?.role;
    role.textContent = profile?.role ? t(`role.${profile.role}`) : "";
    this.#showSeen(name, profile);
    this.talk.hidden = isGuest || name === me || !profile;
    this.ariaLabel = people.shown(name);
  }

  /** @param {string} name @param {Profile | null} profile */
  #showSeen(name, profile) {
    const { states, members } = this.chat.current;
    const state = profile?.state ?? states[name] ?? (members.includes(name) ? "online" : undefined);
    const line = part(this, ".card-seen");
    part(this, ".card-state").dataset.state = state ?? "gone";
    line.title = "";
    if (state) line.textContent = t(`status.${state}`);
    else if (profile?.last_seen) {
      line.textContent = t("seen.last", { when: ago(profile.last_seen, this.chat.now()) });
      line.title = exactly(profile.last_seen);
    } else line.textContent = t("seen.gone");
  }

  /** Below the name, or above it where there is no room.
      @param {DOMRect} beside */
  #stand({ top, bottom, left, right }) {
    const { width, height } = this.getBoundingClientRect();
    const isBelow = bottom + GAP_PX + height < innerHeight;
    const start = document.dir === "rtl" ? right - width : left;
    this.style.insetBlockStart = `${isBelow ? bottom + GAP_PX : Math.max(GAP_PX, top - GAP_PX - height)}px`;
    this.style.left = `${Math.max(GAP_PX, Math.min(start, innerWidth - width - GAP_PX))}px`;
  }

  async #talk() {
    if (!this.name) return;
    try {
      const room = await this.chat.talkTo(this.name);
      this.hidePopover();
      this.chat.open(room);
    } catch (error) {
      this.problem.textContent = problemOf(error);
    }
  }
}

customElements.define("person-card", PersonCard);
