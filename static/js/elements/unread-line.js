/* <unread-line>: the red line above the first unread message, and the eye that reads: a room is
   read when its end is on the screen and the tab is in view.

   The line is a mark on the message's own row (data-first-unread, css/unread.css), so that the
   rows stay the business of <message-log> alone. */

class UnreadLine extends HTMLElement {
  #isDue = false;

  attend(chat) {
    this.chat = chat;
    this.log = document.querySelector("message-log");
    this.scroller = this.log.querySelector(".scroller");
    this.list = this.scroller.querySelector(".messages");
    for (const news of ["opened", "messages", "line", "connection"]) chat.on(news, () => this.#lookSoon());
    this.scroller.addEventListener("scroll", () => this.#read(), { passive: true });
    document.addEventListener("visibilitychange", () => this.#read());
    this.#lookSoon();
  }

  /** When the rows stand as they shall; nothing is drawn for a tab that nobody looks at. */
  #lookSoon() {
    if (this.#isDue) return;
    this.#isDue = true;
    queueMicrotask(() => {
      this.#isDue = false;
      this.#draw();
      this.#read();
    });
  }

  #draw() {
    const row = this.#firstUnread();
    const drawn = this.list.querySelector("[data-first-unread]");
    if (drawn === row) return;
    this.log.keepStill(() => {
      drawn?.removeAttribute("data-first-unread");
      if (row) row.dataset.firstUnread = this.dataset.label;
    });
  }

  #firstUnread() {
    const { line, timeline } = this.chat.current;
    if (line === null || !timeline) return null;
    const first = timeline.messages.find(({ seq, sender }) => seq > line && sender !== this.chat.me);
    const isHere = first && (first !== timeline.messages[0] || !timeline.moreBefore || first.seq === line + 1);
    return isHere ? this.list.querySelector(`:scope > [data-seq="${first.seq}"]`) : null;
  }

  #read() {
    const { current, reading, state } = this.chat;
    if (state === "online" && this.log.isAtEnd && document.visibilityState === "visible") reading.saw(current);
  }
}

customElements.define("unread-line", UnreadLine);
