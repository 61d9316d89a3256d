/* <command-answers>: what bots answer in private to commands that one has run. They stand above the composer in
   which the command was written, until one dismisses them or the page is loaded anew: the server keeps none. */

import { loadFormatter } from "../../lib/markdown/markdown.js";
import { around, cloned, part } from "../../lib/page/parts.js";
import { t } from "../../lib/text/words.js";
import { showText } from "../message/message-text.js";
import { MessageComposer } from "./message-composer.js";

const AT_MOST = 20; // cards above one composer

/** @import { Chat } from "../../models/chat.js" */
/** @import { CommandAnswer } from "../../wire.js" */

class CommandAnswers extends HTMLElement {
  template = part(this, "template", HTMLTemplateElement);
  /** @type {Chat} */
  #chat;

  /** @param {Chat} chat */
  attend(chat) {
    this.#chat = chat;
    document.addEventListener("hear-answer", (event) => this.#show(/** @type {CustomEvent<CommandAnswer>} */ (event).detail));
    chat.on("opened", () => this.#showThoseOfRoom());
  }

  /** @param {CommandAnswer} answer */
  #show(answer) {
    const card = cloned(this.template);
    const list = this.#listFor(answer);
    card.dataset.room = answer.room;
    const isElsewhere = answer.thread !== undefined && !list.closest("thread-view");
    const said = { name: this.#chat.people.shown(answer.sender), command: `/${answer.name}` };
    part(card, ".answer-who").textContent = t(isElsewhere ? "answers.of-thread" : "answers.of", said);
    part(card, "[data-do=dismiss]").addEventListener("click", (event) => this.#dismiss(event));
    list.append(card);
    while (list.children.length > AT_MOST) list.firstElementChild?.remove();
    this.#showThoseOfRoom();
    void this.#write(part(card, ".answer-text"), answer.text);
    list.scrollTop = list.scrollHeight;
  }

  /** What is rich is plain until the formatter is there.
      @param {HTMLElement} node @param {string} text */
  async #write(node, text) {
    const { me, people, rooms } = this.#chat;
    const reader = { me, names: people.mentionable, rooms };
    if (showText(node, text, reader)) return;
    try {
      await loadFormatter();
    } catch {
      return; // Without a network, it stays plain.
    }
    showText(node, text, reader);
  }

  /** Above the composer of its thread, if that is open, else of the room.
      @param {CommandAnswer} answer */
  #listFor({ room, thread }) {
    const composers = /** @type {NodeListOf<MessageComposer>} */ (document.querySelectorAll("thread-view message-composer"));
    const inThread = Array.from(composers).find((each) => each.room?.name === room && each.thread?.seq === thread);
    const composer = inThread ?? part(document, ".write message-composer", MessageComposer);
    const before = composer.previousElementSibling;
    if (before instanceof HTMLElement && before.matches(".command-answers")) return before;
    const list = Object.assign(document.createElement("div"), { className: "command-answers", role: "log" });
    list.ariaLabel = t("answers.title");
    composer.before(list);
    return list;
  }

  #showThoseOfRoom() {
    const cards = /** @type {NodeListOf<HTMLElement>} */ (document.querySelectorAll(".write > .command-answers > .answer"));
    for (const card of cards) card.hidden = card.dataset.room !== this.#chat.current.name;
  }

  /** @param {Event} event */
  #dismiss(event) {
    const list = around(event, ".command-answers");
    const next = list?.nextElementSibling;
    around(event, ".answer")?.remove();
    if (next instanceof MessageComposer) next.field.focus();
  }
}

customElements.define("command-answers", CommandAnswers);
