/* <typing-line>: who is typing in the open room. Always as high as one line, so that nothing
   jumps; never read out, it would talk all day. */

class TypingLine extends HTMLElement {
  attend(chat) {
    this.chat = chat;
    chat.on("opened", () => this.#show()).on("typing", () => this.#show());
  }

  #show() {
    this.textContent = sentence(this.chat.current.typists.names);
  }
}

function sentence(names) {
  switch (names.length) {
    case 0:
      return "";
    case 1:
      return `${isolated(names[0])} is typing…`;
    case 2:
      return `${isolated(names[0])} and ${isolated(names[1])} are typing…`;
    default:
      return "Several people are typing…";
  }
}

/** A name of any direction inside a sentence: between U+2068 and U+2069 it does not turn it. */
function isolated(name) {
  return `\u2068${name}\u2069`;
}

customElements.define("typing-line", TypingLine);
