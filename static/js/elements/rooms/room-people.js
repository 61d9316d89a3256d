/* The second tab of <room-details>: who is in the room, and the ways in and out for others. */

import { showFlag } from "../../lib/page/flag.js";
import { around, cloned, fill, part } from "../../lib/page/parts.js";
import { fit } from "../../lib/search/fuzzy.js";
import { t } from "../../lib/text/words.js";
import { Lost, ignoreUnanswered, problemOf } from "../../models/refused.js";
import { titleFor } from "../../models/rooms/rooms.js";

/** @import { Room } from "../../models/rooms/room.js" */
/** @import { InviteeField } from "../people/invitee-field.js" */
/** @import { Details } from "./room-details.js" */

const FILTER_ABOVE = 20; // people
const SHOWN_AT_MOST = 200;

export class RoomPeople {
  /** @type {Room} */
  room;
  /** @type {string[]} those of a public room who are not here */
  #away = [];
  /** @type {InviteeField | undefined} what offers people to be added */
  offers;

  /** @param {HTMLElement} panel @param {Details} details */
  constructor(panel, details) {
    this.panel = panel;
    this.details = details;
    this.form = part(panel, "form", HTMLFormElement);
    this.invitee = part(this.form, "[name=name]", HTMLInputElement);
    this.filter = part(panel, ".people-filter", HTMLInputElement);
    this.list = part(panel, ".all-members");
    this.template = part(panel, ".member-template", HTMLTemplateElement);
    this.withMore = part(panel, "[data-do=talk-with-more]", HTMLButtonElement);
    this.withMore.addEventListener("click", () => this.#talkWithMore());
    this.form.addEventListener("submit", (event) => {
      event.preventDefault();
      this.#add(this.invitee.value.trim());
    });
    this.filter.addEventListener("input", () => this.show());
    this.list.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {Room} room */
  begin(room) {
    this.room = room;
    this.#away = [];
    this.filter.value = this.invitee.value = "";
    if (room.kind === "public") this.#ask();
    else if (this.#mayAdd) this.#offer();
  }

  show() {
    const { room } = this;
    const all = this.#everyone;
    this.form.hidden = !this.#mayAdd;
    this.withMore.hidden = room.kind !== "direct" || Boolean(room.group);
    part(this.panel, ".members-hint").hidden = room.kind !== "public";
    this.filter.hidden = all.length <= FILTER_ABOVE;
    const { people } = this.details.chat;
    const found = this.filter.hidden ? all : all.filter((name) => fit(this.filter.value, people.bothNames(name)) !== null);
    fill(this.list, found.slice(0, SHOWN_AT_MOST).map((name) => this.#item(name)));
  }

  focus() {
    if (!this.form.hidden) this.invitee.focus();
  }

  /** A direct message of two stays between them. */
  get #mayAdd() {
    return this.room.kind === "private" || Boolean(this.room.group);
  }

  get #mayRemove() {
    const { kind, group, mayChange } = this.room;
    return group ? group.may_remove : kind === "private" && mayChange;
  }

  get #everyone() {
    const { kind, invited, members } = this.room;
    if (kind !== "public") return invited;
    return [...members, ...this.#away.filter((name) => !members.includes(name))];
  }

  /** @param {string} name */
  #item(name) {
    const { chat } = this.details;
    const item = cloned(this.template);
    showFlag(part(item, ".flag"), chat.people.flag(name));
    const shown = part(item, "bdi");
    shown.textContent = chat.people.shown(name);
    shown.title = `@${name}`;
    const notes = [name === chat.me ? t("member.you") : "", chat.people.mark(name, { guests: !chat.isGuest })];
    part(item, ".hint").textContent = notes.filter(Boolean).join(" · ");
    const button = part(item, "button", HTMLButtonElement);
    button.dataset.name = name;
    button.ariaLabel = t("room.remove", { name: shown.textContent });
    button.hidden = !this.#mayRemove || name === chat.me;
    return item;
  }

  /** Those of a public room who are not here; guests are not told. */
  async #ask() {
    const { room } = this;
    if (this.details.chat.isGuest) return;
    try {
      const away = await this.details.chat.people.away(room.name);
      if (room !== this.room) return;
      this.#away = away;
      this.show();
    } catch (error) {
      ignoreUnanswered(error);
    }
  }

  /** @param {string} name */
  async #add(name) {
    const { desk, attempt } = this.details;
    if (!(await attempt(() => desk.invite(this.room, name)))) return;
    this.invitee.value = "";
    this.#offer();
  }

  /** Offers those who are not in the room yet to whoever types in the field. */
  async #offer() {
    this.offers ??= await this.#loadOffers();
    this.offers?.begin(this.room.invited);
  }

  async #loadOffers() {
    const { chat, say } = this.details;
    const explain = (/** @type {unknown} */ error) => say(problemOf(error));
    try {
      const { InviteeField } = await import("../people/invitee-field.js");
      return new InviteeField({ form: this.form, chat, invite: (name) => this.#add(name), explain });
    } catch {
      explain(new Lost()); // A name can be typed all the same.
    }
  }

  /** Another conversation: with who is in this one, and more people. */
  #talkWithMore() {
    const { chat, close } = this.details;
    close();
    const names = this.room.invited.filter((name) => name !== chat.me);
    document.dispatchEvent(new CustomEvent("do-new-message", { detail: { names } }));
  }

  /** @param {Event} event */
  #pressed(event) {
    const name = around(event, "button[data-name]")?.dataset.name;
    if (!name) return;
    const { chat, desk, attempt } = this.details;
    const who = { name: chat.people.shown(name), room: titleFor(this.room, chat) };
    const question = {
      heading: t("room.remove.ask", who),
      means: t("room.remove.means", who),
      act: t("room.remove.do"),
      go: () => attempt(() => desk.remove(this.room, name)),
    };
    document.dispatchEvent(new CustomEvent("ask-first", { detail: question }));
  }
}
