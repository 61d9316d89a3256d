/* <room-details>: about the open room. How one wants to hear of it, who may come, and for those who
   look after it, what it is called and who may write. */

import { around, cloned, part } from "../lib/parts.js";
import { GENERAL } from "../lib/routes.js";
import { ago } from "../lib/times.js";
import { t } from "../lib/words.js";
import { Lost, problemOf } from "../models/refused.js";
import { RoomDesk, titleFor } from "../models/rooms.js";
import { leaveRoom } from "./room-leaving.js";

/** @import { Chat } from "../models/chat.js" */
/** @import { Room } from "../models/room.js" */
/** @import { InviteeField } from "./invitee-field.js" */
/** @import { RoomInfo } from "../types.js" */
/** @import { Update } from "../wire.js" */

class RoomDetails extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  problem = part(this, ".problem");
  favourite = part(this, "[name=favourite]", HTMLInputElement);
  leave = part(this, "[data-do=leave]", HTMLButtonElement);
  settings = part(this, ".room-settings", HTMLFormElement);
  titled = part(this.settings, "[name=title]", HTMLInputElement);
  topic = part(this.settings, "[name=topic]", HTMLInputElement);
  slow = part(this.settings, "[name=slow_seconds]", HTMLSelectElement);
  readOnly = part(this.settings, "[name=read_only]", HTMLInputElement);
  archive = part(this, "[data-do=archive]", HTMLButtonElement);
  members = part(this, ".room-members", HTMLFormElement);
  template = part(this.members, ".invited-template", HTMLTemplateElement);
  /** @type {Chat} */
  chat;
  /** @type {RoomDesk} */
  desk;
  invitee = part(this.members, "[name=name]", HTMLInputElement);
  /** @type {InviteeField | undefined} what offers people in it */
  offers;
  /** @type {Room} */
  room;

  connectedCallback() {
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    this.leave.addEventListener("click", () => this.#leave());
    this.archive.addEventListener("click", () => this.#update({ archived: !this.room.archived }));
    this.favourite.addEventListener("change", () =>
      this.#try(() => this.desk.prefer(this.room, { favourite: this.favourite.checked })),
    );
    /** @type {NodeListOf<HTMLInputElement>} */
    const levels = this.querySelectorAll("[name=level]");
    for (const choice of levels) {
      const level = /** @type {RoomInfo["level"]} */ (choice.value);
      choice.addEventListener("change", () => this.#try(() => this.desk.prefer(this.room, { level })));
    }
    this.settings.addEventListener("submit", (event) => this.#submitted(event));
    this.members.addEventListener("submit", (event) => this.#invited(event));
    this.members.addEventListener("click", (event) => this.#pressed(event));
    document.addEventListener("do-details", () => this.#open());
    document.addEventListener("do-invite", () => {
      this.#open();
      this.invitee.focus();
    });
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.desk = new RoomDesk(chat.connection);
    chat.on("room", ({ room }) => this.dialog.open && room === this.room && this.#show());
    chat.on("opened", () => this.dialog.open && chat.current !== this.room && this.dialog.close());
  }

  #open() {
    this.room = this.chat.current;
    this.#say("");
    this.#show();
    this.#fill();
    this.dialog.showModal();
    if (this.room.kind === "private") this.#offer();
  }

  #show() {
    const { room } = this;
    part(this, "h2").textContent = titleFor(room, this.chat);
    part(this, ".details-topic").textContent = room.topic || t("room.no-topic");
    const viewed = room.viewedAt ? t("room.viewed", { when: ago(room.viewedAt, new Date()) }) : "";
    const who = room.kind === "public" ? "" : t(`readers.${room.kind}`);
    part(this, ".details-who").textContent = [who, viewed].filter(Boolean).join(" ");
    this.favourite.checked = room.favourite;
    part(this, `[name=level][value="${room.level}"]`, HTMLInputElement).checked = true;
    this.leave.hidden = room.name === GENERAL || room.kind === "direct";
    this.settings.hidden = !room.mayChange || room.kind === "direct";
    part(this, ".details-topic").hidden = room.kind === "direct";
    this.archive.hidden = room.name === GENERAL;
    this.archive.textContent = t(room.archived ? "room.reopen" : "room.archive");
    this.members.hidden = room.kind !== "private";
    part(this.members, ".all-invited").replaceChildren(...room.invited.map((name) => this.#member(name)));
  }

  /** The fields, when it opens and when it was saved: not while somebody is writing in them. */
  #fill() {
    const { title, topic, readOnly, slowSeconds } = this.room;
    this.titled.value = title;
    this.topic.value = topic;
    this.readOnly.checked = readOnly;
    this.slow.value = String(slowSeconds);
    if (this.slow.value === "") this.slow.value = nearest(this.slow, slowSeconds);
  }

  /** @param {string} name */
  #member(name) {
    const item = cloned(this.template);
    const shown = part(item, "bdi");
    shown.textContent = this.chat.people.shown(name);
    shown.title = `@${name}`;
    const button = part(item, "button", HTMLButtonElement);
    button.dataset.name = name;
    button.ariaLabel = t("room.remove", { name: shown.textContent });
    button.hidden = !this.room.mayChange || name === this.chat.me;
    return item;
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    this.#update({
      title: this.titled.value.trim(),
      topic: this.topic.value.trim(),
      read_only: this.readOnly.checked,
      slow_seconds: Number(this.slow.value),
    });
  }

  /** @param {Omit<Update, "room">} changes */
  async #update(changes) {
    const isDone = await this.#try(() => this.desk.update(this.room, changes));
    if (isDone) {
      this.#fill();
      this.#say(t("room.saved"));
    }
  }

  /** @param {SubmitEvent} event */
  #invited(event) {
    event.preventDefault();
    this.#invite(this.invitee.value.trim());
  }

  /** @param {string} name */
  async #invite(name) {
    if (!(await this.#try(() => this.desk.invite(this.room, name)))) return;
    this.invitee.value = "";
    this.#offer();
  }

  /** Offers those who are not invited yet to whoever types in the field. */
  async #offer() {
    this.offers ??= await this.#loadOffers();
    this.offers?.begin(this.room.invited);
  }

  async #loadOffers() {
    const explain = (/** @type {unknown} */ error) => this.#say(problemOf(error));
    try {
      const { InviteeField } = await import("../elements/invitee-field.js");
      return new InviteeField({ form: this.members, chat: this.chat, invite: (name) => this.#invite(name), explain });
    } catch {
      explain(new Lost()); // A name can be typed all the same.
    }
  }

  /** @param {Event} event */
  #pressed(event) {
    const name = around(event, "button[data-name]")?.dataset.name;
    if (name) this.#try(() => this.desk.remove(this.room, name));
  }

  #leave() {
    this.dialog.close();
    leaveRoom(this.room.name);
  }

  /** Whether it came to something; if not, it says why.
      @param {() => unknown} step */
  async #try(step) {
    this.#say("");
    try {
      await step();
      return true;
    } catch (error) {
      this.#say(problemOf(error));
      this.#show();
      return false;
    }
  }

  /** @param {string} text */
  #say(text) {
    this.problem.textContent = text;
    this.problem.classList.toggle("hint", text === t("room.saved"));
  }
}

/** @param {HTMLSelectElement} select @param {number} seconds */
function nearest(select, seconds) {
  const values = [...select.options].map(({ value }) => Number(value));
  return String(values.findLast((value) => value <= seconds) ?? 0);
}

customElements.define("room-details", RoomDetails);
