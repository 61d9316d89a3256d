/* <new-poll>: asks the people of a room, or of the open thread. It hears "do-poll", whose detail is what was
   typed behind /poll: a question and options in quotes, and flags as in the terminal. */

import { newId } from "../../lib/browser/ids.js";
import { momentOf } from "../../lib/text/moments.js";
import { part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";
import { MessageComposer } from "./message-composer.js";

/** @import { Chat } from "../../models/chat.js" */

const MOST_OPTIONS = 10;
const OPTION_CHARACTERS = 100;
const HOUR_MS = 3_600_000;
/** @type {Record<string, number>} */
const SPANS = { hour: HOUR_MS, day: 24 * HOUR_MS, week: 7 * 24 * HOUR_MS };
const FLAGS = { several: "multiple", anonymous: "anonymous", hidden: "hidden" };

export class NewPoll extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  form = part(this, "form", HTMLFormElement);
  options = part(this, ".new-poll-options");
  problem = part(this, ".problem");
  at = part(this, "[name=at]", HTMLInputElement);
  /** @type {Chat} */
  chat;
  /** @type {MessageComposer} where one was writing */
  composer;
  /** One poll, however often it is sent. */
  #cid = "";

  connectedCallback() {
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    this.form.addEventListener("input", () => this.#written());
    this.form.addEventListener("keydown", (event) => this.#typed(event));
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-poll", (event) => this.#open(/** @type {CustomEvent<string | undefined>} */ (event).detail ?? ""));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
  }

  /** @param {string} typed */
  #open(typed) {
    const near = document.activeElement?.closest("message-composer");
    this.composer = near instanceof MessageComposer ? near : part(document, ".write message-composer", MessageComposer);
    this.form.reset();
    this.#cid = newId();
    const { question, options, flags, until } = writtenPoll(typed);
    part(this, "[name=question]", HTMLInputElement).value = question;
    this.options.replaceChildren();
    for (const text of options) this.#add(text);
    for (const [flag, name] of Object.entries(FLAGS)) part(this, `[name=${name}]`, HTMLInputElement).checked = flags.has(flag);
    if (until) {
      part(this, "[name=closes]", HTMLSelectElement).value = "at";
      this.at.value = localTime(until);
    }
    this.#written();
    this.#say("");
    this.dialog.showModal();
    /** @type {HTMLInputElement | undefined} */ (this.#fields.find(({ value }) => !value))?.focus();
  }

  /** @returns {HTMLInputElement[]} */
  get #fields() {
    return [...this.form.querySelectorAll("[name=question], [name=option]")].filter((field) => field instanceof HTMLInputElement);
  }

  /** @returns {HTMLInputElement[]} */
  get #inputs() {
    return this.#fields.filter(({ name }) => name === "option");
  }

  /** @param {string} [text] */
  #add(text = "") {
    const number = this.options.children.length + 1;
    const field = document.createElement("input");
    Object.assign(field, { className: "input", name: "option", maxLength: OPTION_CHARACTERS, autocomplete: "off", dir: "auto", value: text });
    field.ariaLabel = field.placeholder = t("poll.option", { number: String(number) });
    this.options.append(field);
  }

  /** There is always one empty field more, up to ten. */
  #written() {
    while (this.#inputs.length < 2 || (this.#inputs.length < MOST_OPTIONS && this.#inputs.at(-1)?.value)) this.#add();
    this.at.parentElement?.toggleAttribute("hidden", this.#closes !== "at");
    this.at.required = this.#closes === "at";
  }

  get #closes() {
    return part(this, "[name=closes]", HTMLSelectElement).value;
  }

  /** Enter goes to the next field; the last one, and Ctrl with Enter, send.
      @param {KeyboardEvent} event */
  #typed(event) {
    if (event.key !== "Enter" || event.ctrlKey || event.metaKey || event.isComposing) return;
    const place = this.#fields.findIndex((field) => field === event.target);
    const next = this.#fields[place + 1];
    if (place < 0 || !next || !this.#fields[place].value) return;
    event.preventDefault();
    next.focus();
  }

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    event.preventDefault();
    const { chat, composer, form } = this;
    const { room } = composer;
    const { thread, alsoToRoom } = composer.about();
    const given = new FormData(form);
    const poll = {
      question: String(given.get("question")),
      options: this.#inputs.map(({ value }) => value.trim()).filter(Boolean),
      multiple: given.has("multiple"),
      anonymous: given.has("anonymous"),
      hidden: given.has("hidden"),
      ...(this.#closesAt && { closes_at: this.#closesAt }),
    };
    if (poll.options.length < 2) return this.#say(t("poll.too-few"));
    try {
      const { message } = await chat.connection.request("message", {
        room: room.name,
        cid: this.#cid,
        poll,
        ...(thread && { thread }),
        ...(alsoToRoom && { also_to_room: true }),
      });
      this.dialog.close();
      chat.hearing.receive(room, [/** @type {any} */ ({ type: "message", ...message })]);
      composer.field.focus();
    } catch (error) {
      this.#say(problemOf(error));
    }
  }

  get #closesAt() {
    const span = SPANS[this.#closes];
    if (span) return new Date(Date.now() + span).toISOString();
    return this.#closes === "at" && this.at.value ? new Date(this.at.value).toISOString() : undefined;
  }

  /** @param {string} text */
  #say(text) {
    this.problem.textContent = text;
  }
}

/** @param {string} typed */
function writtenPoll(typed) {
  const words = Array.from(typed.matchAll(/["“”„«»]([^"“”„«»]*)["“”„«»]|(\S+)/gu), ([, quoted, plain]) => quoted ?? plain);
  const flags = new Set();
  const said = [];
  let until = null;
  for (let place = 0; place < words.length; place += 1) {
    const [, flag] = /^(?:--|—)(.+)$/u.exec(words[place]) ?? [];
    if (flag === "until") until = momentOf(words[(place += 1)] ?? "", new Date());
    else if (flag) flags.add(flag);
    else said.push(words[place]);
  }
  return { question: said[0] ?? "", options: said.slice(1, MOST_OPTIONS + 1), flags, until };
}

/** As a field of a date and a time has it.
    @param {Date} date */
function localTime(date) {
  return new Date(date.getTime() - date.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

customElements.define("new-poll", NewPoll);
