/* <message-forwarding>: forwards messages to a room, a thread or a person, with a comment if one likes. It also quotes a
   message in the composer, and finds where a forwarded one was written. */

import { showFlag } from "../../lib/page/flag.js";
import { inShort } from "../../lib/text/texts.js";
import { filesInShort } from "../../lib/page/files-part.js";
import { fit } from "../../lib/search/fuzzy.js";
import { newId } from "../../lib/browser/ids.js";
import { isComposing } from "../../lib/browser/keys.js";
import { cloned, part } from "../../lib/page/parts.js";
import { quoted, transcript } from "../../lib/messages/quoting.js";
import { linkTo } from "../../lib/page/routes.js";
import { clockOf, dayOf } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { ignoreUnanswered, problemOf } from "../../models/refused.js";
import { iconOf, titleFor } from "../../models/rooms/rooms.js";
import { Switcher } from "../../models/lists/switcher.js";
import { Choices } from "../page/choices.js";
import { MessageComposer } from "../composer/message-composer.js";
import { ToastNote } from "../page/toast-note.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Message } from "../../types.js" */

/** Where messages can go: a thread is one that the person follows.
    @typedef {{ kind: "room" | "person" | "thread", name: string, title: string, note: string, room?: Room, thread?: number }} Target */

const SHOWN_AT_MOST = 12;
const THREADS_AT_MOST = 20;

class MessageForwarding extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  form = part(this, "form", HTMLFormElement);
  field = part(this, "input", HTMLInputElement);
  list = part(this, ".choices");
  chip = part(this, ".chip");
  note = part(this, ".hint");
  problem = part(this, ".problem");
  button = part(this, ".primary", HTMLButtonElement);
  comment = part(this, "textarea", HTMLTextAreaElement);
  template = part(this, "template", HTMLTemplateElement);
  toast = part(document, "toast-note", ToastNote);
  /** @type {Chat} */
  chat;
  /** @type {Switcher} */
  switcher;
  /** @type {Choices} */
  choices;
  /** @type {Message[]} */
  #messages = [];
  /** @type {Target[]} what is in the list */
  #found = [];
  /** @type {Target[]} */
  #threads = [];
  /** @type {Target | null} */
  #chosen = null;
  #cid = "";
  #done = () => {};

  connectedCallback() {
    this.field.addEventListener("keydown", (event) => this.#keyed(event)); // before the list takes it
    this.field.addEventListener("input", () => this.#typed());
    this.form.addEventListener("submit", (event) => this.#submitted(event));
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    part(this, "[data-do=other]").addEventListener("click", () => this.#choose(null));
    document.addEventListener("forward-messages", (event) => this.#open(/** @type {CustomEvent} */ (event).detail));
    document.addEventListener("message-act", (event) => this.#asked(/** @type {CustomEvent} */ (event).detail));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.switcher = new Switcher(chat);
    this.choices = new Choices({ field: this.field, list: this.list, take: (index) => this.#choose(this.#found[index]) });
  }

  /** @param {{ what: string, message: Message, row: HTMLElement }} asked */
  #asked({ what, message, row }) {
    if (what === "forward") this.#open({ messages: [message] });
    else if (what === "select") document.dispatchEvent(new CustomEvent("select-messages", { detail: message }));
    else if (what === "quote") this.#quote(message, row);
    else if (what === "original") this.#try(() => this.#showOriginal(message));
  }

  /** @param {Message} message @param {HTMLElement} row */
  #quote(message, row) {
    const composer = part(row.closest("thread-view") ?? part(document, ".write"), "message-composer", MessageComposer);
    const before = composer.field.value.slice(0, composer.field.selectionStart);
    composer.insert(`${before && !before.endsWith("\n") ? "\n" : ""}${quoted(message, sayingOf(this.chat))}\n\n`);
  }

  /** @param {Message} message */
  async #showOriginal({ room, seq }) {
    const original = await this.chat.connection.request("original", { room, seq });
    await this.chat.show(original.room, original.seq);
  }

  // Where they go

  /** @param {{ messages: Message[], done?: () => void }} wanted */
  #open({ messages, done = () => {} }) {
    this.#messages = messages;
    this.#done = done;
    this.#cid = newId();
    this.#threads = [];
    this.form.reset();
    this.problem.textContent = "";
    part(this, "h2").textContent = t("forward.title", { count: messages.length });
    part(this, ".excerpt").textContent = messages.map(({ text, files }) => inShort(text) || filesInShort(files)).join(" · ");
    this.dialog.showModal();
    this.#choose(null);
    this.#askForThreads().catch(ignoreUnanswered);
  }

  async #askForThreads() {
    const { threads } = await this.chat.connection.request("threads", { limit: THREADS_AT_MOST });
    this.#threads = threads.flatMap(({ room, thread, title, root }) => {
      const known = this.chat.rooms.get(room);
      const name = title ?? inShort(root.text);
      return known && name ? [{ kind: "thread", name: room, title: name, note: titleFor(known, this.chat), room: known, thread }] : [];
    });
    if (!this.#chosen) this.#show();
  }

  /** Whom the page does not know, the server may. */
  async #typed() {
    this.#show();
    const typed = this.field.value;
    await this.switcher.ask(typed).catch(ignoreUnanswered);
    if (typed === this.field.value && !this.#chosen) this.#show();
  }

  /** Backspace takes back what was chosen.
      @param {KeyboardEvent} event */
  #keyed(event) {
    if (isComposing(event) || !this.#chosen) return;
    if (event.key === "Backspace") this.#choose(null);
    else if (event.key === "Enter") this.form.requestSubmit();
    else return;
    event.preventDefault();
    event.stopImmediatePropagation();
  }

  #show() {
    const typed = this.field.value.trim();
    const places = this.switcher.find(typed).filter(({ kind, name, room }) => (kind === "person" ? this.chat.people.of(name) : room?.joined));
    const threads = this.#threads.filter(({ title }) => fit(typed, title) !== null);
    this.#found = [...places.map((place) => targetOf(place)), ...threads].slice(0, SHOWN_AT_MOST);
    this.choices.show(this.#found.map((target) => this.#item(target)), { start: typed === "" ? -1 : 0 });
    this.note.textContent = this.#found.length ? "" : t("switcher.nothing");
  }

  /** @param {Target} target */
  #item({ kind, name, title, note, room }) {
    const item = cloned(this.template);
    const flag = part(item, ".flag");
    showFlag(flag, this.chat.people.flag(name));
    flag.hidden = kind !== "person";
    part(item, ".icon", SVGElement).toggleAttribute("hidden", kind === "person");
    part(item, "use", SVGElement).setAttribute("href", `#icon-${kind === "thread" || !room ? "thread" : iconOf(room)}`);
    part(item, ".place-title").textContent = title;
    part(item, ".place-note").textContent = note;
    return item;
  }

  /** @param {Target | null} target */
  #choose(target) {
    this.#chosen = target;
    this.chip.hidden = !target;
    part(this.chip, "bdi").textContent = target?.title ?? "";
    this.field.value = "";
    this.field.placeholder = target ? "" : t("forward.find");
    this.list.hidden = Boolean(target);
    this.button.disabled = !target;
    if (target) {
      this.choices.show([]);
      this.note.textContent = "";
      this.comment.focus();
    } else {
      this.#show();
      this.field.focus();
    }
  }

  /** @param {SubmitEvent} event */
  async #submitted(event) {
    event.preventDefault();
    const target = this.#chosen;
    if (!target) return;
    this.button.disabled = true;
    this.problem.textContent = "";
    try {
      await this.#forward(target);
      this.dialog.close();
      this.#done();
      this.toast.say(t("forward.done", { count: this.#messages.length, place: target.title }));
    } catch (error) {
      this.problem.textContent = problemOf(error);
    }
    this.button.disabled = false;
  }

  /** @param {Target} target */
  async #forward({ kind, name, thread }) {
    const [{ room }] = this.#messages;
    const seqs = this.#messages.map(({ seq }) => seq);
    const to = kind === "person" ? await this.chat.talkTo(name) : name;
    const text = this.comment.value.trim();
    await this.chat.connection.request("forward", {
      room,
      seqs,
      to_room: to,
      cid: this.#cid,
      ...(thread && { to_thread: thread }),
      ...(text && { text }),
    });
  }

  /** @param {() => Promise<unknown>} step */
  async #try(step) {
    try {
      await step();
    } catch (error) {
      this.toast.say(problemOf(error));
    }
  }
}

/** @param {import("../../models/lists/switcher.js").Place} place @returns {Target} */
function targetOf({ kind, name, title, room }) {
  const note = kind === "person" ? (title === name ? t("switcher.person") : `@${name}`) : "";
  return { kind, name, title, note, room };
}

/** @param {Chat} chat */
export function sayingOf({ people }) {
  return {
    shown: (/** @type {string} */ name) => people.shown(name),
    link: (/** @type {Message} */ { room, seq, thread }) => linkTo(room, seq, thread),
    moment: (/** @type {string} */ at) => `${dayOf(at)} ${clockOf(at)}`,
    file: (/** @type {import("../../types.js").FileInfo} */ { id, name }) => `${location.origin}/files/${id}/${encodeURIComponent(name)}`,
  };
}

/** Messages as a transcript in Markdown.
    @param {Message[]} messages @param {Chat} chat */
export function markdownOf(messages, chat) {
  return transcript(messages, sayingOf(chat));
}

customElements.define("message-forwarding", MessageForwarding);
