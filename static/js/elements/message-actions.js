/* <message-actions>: what one can do with a message. One bar for all rows: it moves into the row
   under the pointer, with the focus, or whose "more" button was pressed.

   With the focus on a row: arrows go to the next one, r answers, e changes, + gives a reaction,
   v shows earlier versions, Delete deletes, Escape goes back to writing. */

import { copy } from "../lib/clipboard.js";
import { linkTo } from "../lib/routes.js";
import { t } from "../lib/words.js";
import { Lost, Refused } from "../models/refused.js";

const SAID_FOR_MS = 6_000;
const KEYS = { r: "reply", e: "edit", "+": "pick", v: "versions", Delete: "delete" };
const STEPS = { ArrowUp: "previousElementSibling", ArrowDown: "nextElementSibling" };

class MessageActions extends HTMLElement {
  connectedCallback() {
    this.list ??= this.closest("message-log").querySelector(".messages");
    this.toast ??= document.querySelector(".toast");
  }

  attend(chat) {
    this.chat = chat;
    this.list.addEventListener("pointerover", (event) => this.#pointed(event));
    this.list.addEventListener("pointerleave", () => this.#leaveTo(document.activeElement));
    this.list.addEventListener("focusin", ({ target }) => {
      if (!target.matches("[data-do=actions]")) this.#showOn(target.closest(".message"));
    });
    this.list.addEventListener("focusout", ({ relatedTarget }) => this.#leaveTo(relatedTarget));
    this.list.addEventListener("click", (event) => this.#pressed(event));
    this.list.addEventListener("keydown", (event) => this.#keyed(event));
    document.addEventListener("pointerdown", ({ target }) => this.#leaveTo(target));
  }

  // Where it stands

  #pointed({ pointerType, target }) {
    if (pointerType !== "touch" && !this.contains(document.activeElement)) {
      this.#showOn(target.closest(".message"));
    }
  }

  #showOn(row) {
    const message = this.#messageOf(row);
    if (!message || message.deleted_by) return this.#hide();
    if (this.parentNode !== row) row.append(this);
    const { changes } = this.chat;
    this.querySelector("[data-do=edit]").hidden = !changes.mayEdit(message);
    this.querySelector("[data-do=delete]").hidden = !changes.mayDelete(message);
    this.hidden = false;
    this.list.querySelector(":scope > [tabindex='0']")?.setAttribute("tabindex", "-1");
    row.tabIndex = 0;
  }

  #leaveTo(place) {
    const row = this.parentNode;
    if (!this.hidden && !row.contains(place) && !place?.closest?.("[popover], dialog")) this.#hide();
  }

  #hide() {
    this.hidden = true;
  }

  #messageOf(row) {
    return row?.dataset.seq && this.chat.current.timeline?.find(Number(row.dataset.seq));
  }

  // What is done

  #pressed(event) {
    const button = event.target.closest("[data-do]");
    const row = event.target.closest(".message");
    const message = this.#messageOf(row);
    if (!button || !message) return;
    if (button.dataset.do !== "actions") return this.#do(button.dataset.do, message, row, button);
    if (this.hidden || this.parentNode !== row) this.#showOn(row);
    else this.#hide();
  }

  #keyed(event) {
    const row = event.target;
    if (!row.matches(".message") || event.ctrlKey || event.metaKey || event.altKey) return;
    const message = this.#messageOf(row);
    const step = STEPS[event.key];
    if (step) row[step]?.focus();
    else if (event.key === "Escape") document.querySelector("message-composer textarea").focus();
    else if (KEYS[event.key] && message) this.#do(KEYS[event.key], message, row, row);
    else return;
    event.preventDefault();
  }

  #do(what, message, row, button) {
    const { changes, current } = this.chat;
    if (what === "react" && changes.mayReact(message)) {
      this.#try(() => changes.toggle(current, message.seq, button.dataset.emoji));
    } else if (what === "pick" && changes.mayReact(message)) {
      this.#ask("pick-emoji", {
        beside: button === row ? this : button,
        chosen: (emoji) => this.#try(() => this.#give(current, message.seq, emoji)),
        closed: () => row.focus(),
      });
    } else if (what === "reply" && changes.mayReact(message)) {
      this.#ask("reply-to-message", message);
    } else if (what === "edit" && changes.mayEdit(message)) {
      this.#ask("edit-message", message);
    } else if (what === "delete" && changes.mayDelete(message)) {
      this.#ask("delete-message", message);
    } else if (what === "versions" && message.edited_at) {
      this.#ask("show-versions", message);
    } else if (what === "unread") {
      this.#try(() => this.chat.reading.markUnread(current, message.seq));
    } else if (what === "copy") {
      this.#copy(linkTo(current.name, message.seq));
    } else if (what === "copy-text") {
      this.#copy(message.text);
    }
  }

  /** A reaction from the picker is given; pressing a reaction that is there toggles it. */
  async #give(room, seq, emoji) {
    const names = room.timeline.find(seq)?.reactions?.[emoji] ?? [];
    if (!names.includes(this.chat.me)) await this.chat.changes.toggle(room, seq, emoji);
  }

  #ask(type, detail) {
    document.dispatchEvent(new CustomEvent(type, { detail }));
  }

  async #copy(link) {
    await copy(link);
    this.#say(t("message.copied"));
  }

  async #try(step) {
    try {
      await step();
    } catch (error) {
      if (error instanceof Lost) this.#say(t("composer.offline"));
      else if (error instanceof Refused) this.#say(error.message);
      else throw error;
    }
  }

  #say(what) {
    clearTimeout(this.timer);
    this.toast.textContent = what;
    this.timer = setTimeout(() => (this.toast.textContent = ""), SAID_FOR_MS);
  }
}

customElements.define("message-actions", MessageActions);
