/* The last tab of <room-details>: what those who look after the room can change, and, apart from that, the
   ways to end it: for oneself, for now, for good. Each of them asks first. */

import { part } from "../../lib/page/parts.js";
import { GENERAL } from "../../lib/page/routes.js";
import { t } from "../../lib/text/words.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { leaveRoom } from "./room-leaving.js";

/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Update } from "../../wire.js" */
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
    this.previews = part(this.form, "[name=previews]", HTMLInputElement);
    this.threads = part(this.form, "[name=threads]", HTMLSelectElement);
    this.pinning = part(this.form, "[name=pinning]", HTMLSelectElement);
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
    this.form.hidden = !room.mayChange && !room.group;
    this.#showName(room);
    this.#part("leave").hidden = !room.joined || room.name === GENERAL;
    this.#part("archive").hidden = this.#part("delete").hidden = !mayEnd;
    this.#button("archive").textContent = t(room.archived ? "room.reopen" : "room.archive");
    part(this.#part("archive"), ".hint").textContent = t(room.archived ? "room.reopen.means" : "room.archive.means");
    this.#button("leave").textContent = t(room.group ? "leave-conversation" : "leave-room");
    part(this.#part("leave"), ".hint").textContent = t(
      room.group ? "room.leave.means.group" : room.kind === "public" ? "room.leave.means.public" : "room.leave.means",
    );
  }

  /** A group has a name if somebody gives it one, and no other settings.
      @param {Room} room */
  #showName(room) {
    const { group, title } = room;
    /** @type {NodeListOf<HTMLElement>} */
    const labels = this.form.querySelectorAll("label");
    for (const label of labels) label.hidden = Boolean(group) && !label.contains(this.titled);
    const hint = part(this.form, ".group-name");
    hint.hidden = !group;
    hint.textContent = group ? t("room.group-name") : "";
    this.titled.required = !group;
    this.titled.placeholder = group ? titleFor({ ...room, title, group: { ...group, named: false } }, this.details.chat) : "";
  }

  focus() {
    this.titled.focus();
  }

  /** The fields, when it opens and when it was saved: not while somebody is writing in them. */
  #fill() {
    const { title, group, topic, readOnly, facts, threads } = this.room;
    const { slow_seconds: seconds = 0 } = facts;
    this.titled.value = group && !group.named ? "" : title;
    this.topic.value = topic;
    this.threads.value = threads;
    this.readOnly.checked = readOnly;
    this.previews.checked = facts.previews !== false;
    this.pinning.value = facts.pinning ?? "everyone";
    this.slow.value = String(seconds);
    if (this.slow.value === "") this.slow.value = nearest(this.slow, seconds);
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    if (this.room.group) return void this.#update({ title: this.titled.value.trim() });
    this.#update({
      title: this.titled.value.trim(),
      topic: this.topic.value.trim(),
      read_only: this.readOnly.checked,
      slow_seconds: Number(this.slow.value),
      previews: this.previews.checked,
      pinning: /** @type {Update["pinning"]} */ (this.pinning.value),
      threads: /** @type {Update["threads"]} */ (this.threads.value),
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
