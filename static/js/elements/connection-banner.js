/* <connection-banner>: says that the connection is gone, and why where the server told. Quiet:
   a break that mends itself within a moment is nobody's business. */

const PATIENCE_MS = 1_200;
const RECONNECTING = "Reconnecting… Your messages are kept.";

class ConnectionBanner extends HTMLElement {
  connectedCallback() {
    this.text = this.querySelector(".banner-text");
    this.button = this.querySelector("button");
    this.button.addEventListener("click", () => {
      if (this.isRefused) this.#chooseAnotherName();
      else this.connection.tryNow();
    });
  }

  attend(chat, connection) {
    this.chat = chat;
    this.connection = connection;
    connection.on("closing", ({ reason }) => (this.reason = reason));
    chat
      .on("connection", () => this.#show())
      .on("refused", (refusal) => this.#refused(refusal));
    this.#show();
  }

  #show() {
    clearTimeout(this.timer);
    if (this.chat.state === "online") {
      this.hidden = true;
      this.reason = null;
    } else {
      this.timer = setTimeout(() => this.#say(RECONNECTING), PATIENCE_MS);
    }
  }

  #refused({ message }) {
    clearTimeout(this.timer);
    this.isRefused = true;
    this.button.textContent = "Choose another name";
    this.#say(message);
  }

  #chooseAnotherName() {
    document.querySelector("form[action='/leave']").requestSubmit();
  }

  #say(text) {
    this.text.textContent = this.reason ? `${this.reason} ${text}` : text;
    this.hidden = false;
  }
}

customElements.define("connection-banner", ConnectionBanner);
