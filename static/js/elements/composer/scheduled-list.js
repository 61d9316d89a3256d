/* <scheduled-list>: one's scheduled messages, to send now, to change and to cancel; and the choice of a time.
   A line above the composer says how many there are in the room, and opens it. */

import { filesInShort } from "../../lib/page/files-part.js";
import { dayAt, forField } from "../../lib/text/moments.js";
import { around, cloned, fill, part, write } from "../../lib/page/parts.js";
import { clockOf, exactly } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { ToastNote } from "../page/toast-note.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Scheduled } from "../../models/composer/scheduled.js" */
/** @import { Scheduled as Entry } from "../../wire.js" */

const DAY = new Intl.DateTimeFormat(globalThis.document?.documentElement.lang || "en", { weekday: "long", day: "numeric", month: "long" });
const MINUTE_MS = 60_000;

export class ScheduledList extends HTMLElement {
  dialog = part(this, ".scheduled", HTMLDialogElement);
  items = part(this, ".scheduled-items");
  empty = part(this, ".scheduled-empty");
  problem = part(this, ".scheduled > .problem");
  form = part(this, ".schedule-form", HTMLDialogElement);
  text = part(this, "textarea", HTMLTextAreaElement);
  time = part(this, "input", HTMLInputElement);
  line = part(this, ".scheduled-line", HTMLButtonElement);
  template = part(this, "template", HTMLTemplateElement);
  /** @type {Chat} */
  chat;
  /** @type {Scheduled} */
  scheduled;
  /** @type {Map<string, HTMLElement>} */
  #rows = new Map();
  /** @type {(at: Date) => unknown} */
  #chosen = () => {};

  /** @param {Chat} chat @param {Scheduled} scheduled */
  begin(chat, scheduled) {
    this.chat = chat;
    this.scheduled = scheduled;
    part(document, ".write message-composer").before(this.line);
    this.line.addEventListener("click", () => this.open());
    this.items.addEventListener("click", (event) => this.#pressed(event));
    for (const dialog of [this.dialog, this.form]) {
      for (const close of dialog.querySelectorAll("[data-do=close]")) close.addEventListener("click", () => dialog.close());
    }
    part(this.form, "form").addEventListener("submit", (event) => this.#submitted(event));
    scheduled.on("changed", () => this.#show());
    scheduled.on("refused", ({ entry }) => this.#sayRefused(entry));
    chat.on("opened", () => this.#show());
  }

  open() {
    this.problem.textContent = "";
    this.#show();
    this.dialog.showModal();
  }

  /** Asks for a time.
      @param {(at: Date) => unknown} chosen */
  pick(chosen) {
    this.#ask(dayAt(new Date(), 1), null, chosen);
  }

  #show() {
    const here = this.scheduled.of(this.chat.current.name);
    const { entries } = this.scheduled;
    this.line.hidden = here.length === 0;
    this.line.classList.toggle("is-refused", here.some(({ refused }) => refused));
    write(part(this.line, "span"), t("later.line", { count: here.length }));
    this.empty.hidden = entries.length > 0;
    this.#rows = new Map(entries.map(({ id }) => [id, this.#rows.get(id) ?? cloned(this.template)]));
    fill(this.items, entries.map((entry) => this.#row(entry)));
    const hasLostFocus = this.dialog.open && !this.form.open && !this.dialog.contains(document.activeElement);
    if (hasLostFocus) part(this.dialog, "h2").focus();
  }

  /** @param {Entry} entry */
  #row(entry) {
    const { id, at, room, text, files, refused } = entry;
    const row = /** @type {HTMLElement} */ (this.#rows.get(id));
    const known = this.chat.rooms.get(room);
    row.dataset.id = id;
    write(part(row, "bdi"), known ? titleFor(known, this.chat) : room);
    const time = part(row, "time", HTMLTimeElement);
    Object.assign(time, { dateTime: at, title: exactly(at) });
    write(time, whenOf(at));
    write(part(row, ".scheduled-text"), [text, filesInShort(files)].filter(Boolean).join(" "));
    const why = part(row, ".problem");
    why.hidden = !refused;
    write(why, refused ? t("later.why", { why: refused.message }) : "");
    return row;
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const button = around(event, "[data-do]");
    const id = around(event, "[data-id]")?.dataset.id ?? "";
    const entry = this.scheduled.entries.find((each) => each.id === id);
    if (!button || !entry) return;
    if (button.dataset.do === "now") void this.#try(() => this.scheduled.schedule({ id, now: true }));
    else if (button.dataset.do === "cancel") void this.#try(() => this.scheduled.cancel(id));
    else this.#ask(new Date(entry.at), entry.text, (at) => this.#try(() => this.scheduled.schedule({ id, at: at.toISOString(), text: this.text.value })));
  }

  /** @param {() => Promise<unknown>} step */
  async #try(step) {
    this.problem.textContent = "";
    try {
      await step();
    } catch (error) {
      this.problem.textContent = problemOf(error);
    }
  }

  /** @param {Date} at @param {string | null} text null: only a time is asked for @param {(at: Date) => unknown} chosen */
  #ask(at, text, chosen) {
    this.#chosen = chosen;
    const now = new Date();
    part(this.form, ".schedule-text").hidden = text === null;
    this.text.value = text ?? "";
    this.time.min = forField(new Date(now.getTime() + MINUTE_MS));
    this.time.value = forField(at > now ? at : dayAt(now, 1));
    write(part(this.form, "h2"), t(text === null ? "later.title" : "later.change.title"));
    this.form.showModal();
    (text === null ? this.time : this.text).focus();
  }

  /** @param {SubmitEvent} event */
  #submitted(event) {
    event.preventDefault();
    this.form.close();
    void this.#chosen(new Date(this.time.value));
  }

  /** @param {Entry} entry */
  #sayRefused({ refused }) {
    part(document, "toast-note", ToastNote).say(t("later.refused", { why: refused?.message ?? "" }));
  }
}

/** Tuesday, 1 December, 09:00
    @param {string} at */
export function whenOf(at) {
  return `${DAY.format(new Date(at))}, ${clockOf(at)}`;
}

customElements.define("scheduled-list", ScheduledList);
