/* <typing-line>: who is typing in the open room. Always as high as one line, so that nothing
   jumps; never read out, it would talk all day. */

import { t } from "../../lib/text/words.js";

class TypingLine extends HTMLElement {
  /** @type {import("../../models/chat.js").Chat} */
  chat;

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#show()).on("typing", () => this.#show()).on("people", () => this.#show());
  }

  #show() {
    const { current, people } = this.chat;
    this.textContent = sentence(current.typists.names.map((name) => people.shown(name)));
  }
}

/** @param {string[]} names */
function sentence(names) {
  switch (names.length) {
    case 0:
      return "";
    case 1:
      return t("typing.one", { name: isolated(names[0]) });
    case 2:
      return t("typing.two", { name: isolated(names[0]), other: isolated(names[1]) });
    default:
      return t("typing.many");
  }
}

/** A name of any direction inside a sentence: between U+2068 and U+2069 it does not turn it.
    @param {string} name */
function isolated(name) {
  return `\u2068${name}\u2069`;
}

customElements.define("typing-line", TypingLine);
