/* <composer-note>: a sentence above the composer about what one has written, sent or been sent, and a
   button for what one can do about it. It stays until it is closed, something is done, or one goes to
   another room. */

import { part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";
import { RoomDesk } from "../../models/rooms/room-desk.js";
import { titleFor } from "../../models/rooms/rooms.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */

/** @typedef {{ label: string, step: () => unknown }} Action */
/** @typedef {{ room: Room, names: string[] }} Unreached */

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

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.action.addEventListener("click", () => this.#step());
    part(this, "[data-do=close]").addEventListener("click", () => this.clear());
    this.parentElement?.addEventListener("tell-writer", (event) => this.tell(/** @type {CustomEvent<string>} */ (event).detail));
    if (this.closest("thread-view")) return;
    chat.on("opened", () => this.#room !== chat.current && this.clear());
    chat.on("missed", (missed) => this.#offerNotices(missed));
    document.addEventListener("hear-invited", (event) => this.#sayInvited(/** @type {CustomEvent<{ room: Room }>} */ (event).detail));
    document.addEventListener("hear-unreached", (event) => this.#sayUnreached(/** @type {CustomEvent<Unreached>} */ (event).detail));
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

  /** @param {{ room: Room }} invitation */
  #sayInvited({ room }) {
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
      @param {Unreached} unreached */
  #sayUnreached({ room, names }) {
    if (room !== this.chat.current) return;
    const list = new Intl.ListFormat(document.documentElement.lang);
    const shown = list.format(names.map((name) => this.chat.people.shown(name)));
    const step = () => (room.group ? document.dispatchEvent(new CustomEvent("do-invite")) : this.#invite(room, names));
    const invitation = { label: t("room.invite.do"), step };
    const text = t("composer.unreached", { names: shown, count: names.length });
    this.#say(text, room.kind === "private" || room.group ? invitation : undefined);
  }

  /** @param {Room} room @param {string[]} names */
  async #invite(room, names) {
    try {
      for (const name of names) await new RoomDesk(this.chat.connection).invite(room, name);
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
