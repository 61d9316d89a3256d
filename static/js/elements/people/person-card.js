/* <person-card>: who somebody is, beside their name: both names, what they are doing or when they
   were last here, and a way to talk to them. person-opening.js says when it comes and goes. */

import { showFlag } from "../../lib/page/flag.js";
import { part } from "../../lib/page/parts.js";
import { ago, exactly } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { ignoreUnanswered, problemOf } from "../../models/refused.js";
import { PLAIN_STATUS, exactEnd, statusInWords, statusOf } from "../../models/people/status.js";

const LEAVES_MS = 250;
const GAP_PX = 8;

/** @import { Chat } from "../../models/chat.js" */
/** @import { Profile } from "../../types.js" */

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
    document.addEventListener("open-person", (event) => {
      const { beside, byKey } = /** @type {CustomEvent<{ beside: HTMLElement, byKey?: boolean }>} */ (event).detail;
      void this.#open(beside, { byKey });
    });
    document.addEventListener("leave-person", () => this.#hideSoon());
    document.addEventListener("stay-with-person", () => clearTimeout(this.#timer));
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
    showFlag(part(this, ".flag"), people.flag(name));
    part(this, ".card-shown").textContent = people.shown(name);
    part(this, ".card-name").textContent = `@${name}`;
    const role = part(this, ".card-role");
    role.hidden = !profile?.role;
    role.textContent = profile?.role ? this.#roleOf(profile) : "";
    this.#showStatus(name);
    this.#showSeen(name, profile);
    this.talk.hidden = isGuest || name === me || !profile || profile.role === "guest";
    this.ariaLabel = people.shown(name);
  }

  /** @param {Profile} profile */
  #roleOf({ role, owner }) {
    return owner ? t("card.bot-of", { name: this.chat.people.shown(owner) }) : t(`role.${role}`);
  }

  /** @param {string} name */
  #showStatus(name) {
    const status = statusOf(this.chat.people, name);
    const line = part(this, ".card-status");
    line.hidden = !status;
    line.textContent = status ? `${status.emoji || PLAIN_STATUS} ${statusInWords(status, this.chat.now())}` : "";
    line.title = status ? exactEnd(status) : "";
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
