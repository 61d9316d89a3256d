/* The last tab of <room-details>: what those who look after the room can change, and, apart from that, the
   ways to end it: for oneself, for now, for good. Each of them asks first. */

import { part } from "../lib/parts.js";
import { GENERAL } from "../lib/routes.js";
import { t } from "../lib/words.js";
import { titleFor } from "../models/rooms.js";
import { leaveRoom } from "./room-leaving.js";

/** @import { Room } from "../models/room.js" */
/** @import { Update } from "../wire.js" */
/** @import { Details } from "./room-details.js" */

export class RoomSettings {
  /** @type {Room} */
  room;

  /** @param {HTMLElement} panel @param {Details} details */
  constructor(panel, details) {
    this.panel = panel;
    this.details = details;
    this.form = part(panel, "form", HTMLFormElement);
    this.titled = part(this.form, "[name=title]", HTMLInputElement);
    this.topic = part(this.form, "[name=topic]", HTMLInputElement);
    this.slow = part(this.form, "[name=slow_seconds]", HTMLSelectElement);
    this.readOnly = part(this.form, "[name=read_only]", HTMLInputElement);
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.#button("leave").addEventListener("click", () => {
      details.close();
      leaveRoom(this.room.name);
    });
    this.#button("archive").addEventListener("click", () => this.#archive());
    this.#button("delete").addEventListener("click", () => this.#delete());
  }

  /** @param {Room} room */
  begin(room) {
    this.room = room;
    this.#fill();
  }

  show() {
    const { room } = this;
    const mayEnd = room.mayChange && room.name !== GENERAL;
    this.form.hidden = !room.mayChange;
    this.#part("leave").hidden = !room.joined || room.name === GENERAL;
    this.#part("archive").hidden = this.#part("delete").hidden = !mayEnd;
    this.#button("archive").textContent = t(room.archived ? "room.reopen" : "room.archive");
    part(this.#part("archive"), ".hint").textContent = t(room.archived ? "room.reopen.means" : "room.archive.means");
    part(this.#part("leave"), ".hint").textContent = t(
      room.kind === "public" ? "room.leave.means.public" : "room.leave.means",
    );
  }

  focus() {
    this.titled.focus();
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
    const { attempt, desk } = this.details;
    const saved = part(this.form, ".saved");
    saved.textContent = "";
    if (!(await attempt(() => desk.update(this.room, changes)))) return;
    this.#fill();
    saved.textContent = t("room.saved");
  }

  #archive() {
    const { archived } = this.room;
    if (archived) return void this.#update({ archived: false });
    const room = titleFor(this.room, this.details.chat);
    this.#ask({
      heading: t("room.archive.ask", { room }),
      means: t("room.archive.means"),
      act: t("room.archive"),
      go: () => this.#update({ archived: true }),
    });
  }

  #delete() {
    const { chat, attempt, desk } = this.details;
    const room = titleFor(this.room, chat);
    this.#ask({
      heading: t("room.delete.ask", { room }),
      means: t("room.delete.means", { name: this.room.name }),
      act: t("room.delete"),
      go: () => attempt(() => desk.delete(this.room)),
    });
  }

  /** @param {import("./room-leaving.js").Question} question */
  #ask(question) {
    document.dispatchEvent(new CustomEvent("ask-first", { detail: question }));
  }

  /** @param {string} act */
  #part(act) {
    return part(this.panel, `[data-act=${act}]`);
  }

  /** @param {string} act */
  #button(act) {
    return part(this.#part(act), "button", HTMLButtonElement);
  }
}

/** @param {HTMLSelectElement} select @param {number} seconds */
function nearest(select, seconds) {
  const values = [...select.options].map(({ value }) => Number(value));
  return String(values.findLast((value) => value <= seconds) ?? 0);
}
