/* <composer-note>: a sentence above the composer about what one has written, sent or been sent, and a
   button for what one can do about it. It stays until it is closed, something is done, or one goes to
   another room. */

import { part } from "../lib/parts.js";
import { t } from "../lib/words.js";
import { problemOf } from "../models/refused.js";
import { RoomDesk, titleFor } from "../models/rooms.js";

/** @import { Chat } from "../models/chat.js" */
/** @import { Room } from "../models/room.js" */

/** @typedef {{ label: string, step: () => unknown }} Action */

export class ComposerNote extends HTMLElement {
  text = part(this, ".composer-note-text");
  action = part(this, "[data-do=act]", HTMLButtonElement);
  /** @type {Chat} */
  chat;
  /** @type {Room} the one that it was said in */
  #room;
  #isAboutText = false;
  /** @type {() => unknown} */
  #step = () => {};

  connectedCallback() {
    this.action.addEventListener("click", () => this.#step());
    part(this, "[data-do=close]").addEventListener("click", () => this.clear());
    document.addEventListener("files-given", () => this.#say(t("composer.no-files")));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#room !== chat.current && this.clear());
    chat.on("invited", ({ room }) => this.#sayInvited(room));
    chat.on("missed", (missed) => this.#offerNotices(missed));
    chat.on("unreached", ({ room, names }) => room === chat.current && this.#sayUnreached(room, names));
  }

  // For the composer

  /** What nobody understands is not posted to everyone by mistake; `send()` does so all the same.
      @param {string} command @param {() => unknown} send */
  askAbout(command, send) {
    this.#say(t("composer.unknown-command", { command }), { label: t("composer.send-as-text"), step: send });
    this.#isAboutText = true;
  }

  /** What became of what was written.
      @param {string} text */
  tell(text) {
    this.#say(text);
    this.#isAboutText = true;
  }

  /** The text is another one by now. */
  textChanged() {
    if (this.#isAboutText) this.clear();
  }

  clear() {
    this.hidden = true;
    this.text.textContent = "";
  }

  // What there is to say

  /** @param {Room} room */
  #sayInvited(room) {
    const text = t("composer.invited", { room: titleFor(room, this.chat) });
    this.#say(text, { label: t("composer.invited.open"), step: () => this.chat.open(room.name) });
  }

  /** @param {{ turnOn: () => unknown }} missed */
  #offerNotices({ turnOn }) {
    const step = () => {
      this.clear();
      turnOn();
    };
    this.#say(t("notices.offer"), { label: t("begin.notices"), step });
  }

  /** These were called and may not see what was said; into a private room they can be invited.
      @param {Room} room @param {string[]} names */
  #sayUnreached(room, names) {
    const list = new Intl.ListFormat(document.documentElement.lang);
    const shown = list.format(names.map((name) => this.chat.people.shown(name)));
    const invitation = { label: t("room.invite.do"), step: () => this.#invite(room, names) };
    const text = t("composer.unreached", { names: shown, count: names.length });
    this.#say(text, room.kind === "private" ? invitation : undefined);
  }

  /** @param {Room} room @param {string[]} names */
  async #invite(room, names) {
    const desk = new RoomDesk(this.chat.connection);
    try {
      for (const name of names) await desk.invite(room, name);
      this.clear();
    } catch (error) {
      this.#say(problemOf(error));
    }
  }

  /** @param {string} text @param {Action} [action] */
  #say(text, action) {
    this.#room = this.chat.current;
    this.#isAboutText = false;
    this.text.textContent = text;
    this.action.hidden = !action;
    this.action.textContent = action?.label ?? "";
    this.#step = action?.step ?? (() => {});
    this.hidden = false;
  }
}

customElements.define("composer-note", ComposerNote);
