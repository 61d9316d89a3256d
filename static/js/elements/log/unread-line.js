/* <unread-line>: the line above the first unread message, and the eye that reads: a room is read when its
   end is on the screen, in a window that has the focus: somebody may be sitting before another one.
   What comes while one looks at it needs no line; one that is there fades when all below it was seen.

   It moves into the message's own row, which says so by data-first-unread. */

import { isInView } from "../../lib/browser/in-view.js";
import { onceATurn } from "../../lib/browser/once.js";
import { part } from "../../lib/page/parts.js";
import { MessageLog } from "./message-log.js";

class UnreadLine extends HTMLElement {
  log = part(document, "message-log", MessageLog);
  /** When the rows stand as they shall; nothing is drawn for a tab that nobody looks at. */
  #lookSoon = onceATurn(() => {
    this.#draw();
    this.#read();
  });
  /** @type {HTMLElement | null} the row that has the line above it */
  #drawn = null;
  /** @type {import("../../models/chat.js").Chat} */
  chat;

  /** @param {import("../../models/chat.js").Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.textContent = this.dataset.label ?? "";
    chat.on("opened", () => this.#watch());
    this.#watch();
    for (const news of /** @type {const} */ (["opened", "view", "messages", "line", "room", "connection"])) chat.on(news, () => this.#lookSoon());
    this.log.scroller.addEventListener("scroll", () => this.#read(), { passive: true });
    document.addEventListener("visibilitychange", () => this.#read());
    addEventListener("focus", () => this.#read());
    this.#lookSoon();
  }

  #watch() {
    const { chat } = this;
    const { current } = chat;
    current.isWatched = () => current === chat.current && this.#isReading;
  }

  #draw() {
    const row = this.#firstUnread();
    const drawn = this.#drawn;
    if (this.chat.current.held) delete this.dataset.seen;
    if (drawn === row) return;
    this.#drawn = row;
    delete drawn?.dataset.firstUnread;
    delete this.dataset.seen;
    if (row) row.dataset.firstUnread = "";
    if (row) row.prepend(this);
    else this.remove();
  }

  #firstUnread() {
    const { line, timeline } = this.chat.current;
    const first = this.chat.current.firstUnread(this.chat.me);
    if (!first || line === null || !timeline) return null;
    const isHere = first !== timeline.messages[0] || !timeline.moreBefore || first.seq === line + 1;
    return isHere ? this.log.nodeOf(first.seq) : null;
  }

  #read() {
    const { current } = this.chat;
    if (!this.#isReading) return;
    this.chat.reading.saw(current);
    if (!current.held) this.dataset.seen = "";
  }

  get #isReading() {
    return this.chat.state === "online" && this.chat.view === "room" && this.log.isAtEnd && isInView();
  }
}

customElements.define("unread-line", UnreadLine);
