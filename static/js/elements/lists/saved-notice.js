/* <saved-notice>: a reminder with the message that it is about, on the page until one has done something with
   it; and where nobody looks at the page, a notice of the browser and a sound, as far as they are wanted.
   One tab rings for all, as for messages. */

import { isInView } from "../../lib/browser/in-view.js";
import { part, around, write } from "../../lib/page/parts.js";
import { ring } from "../../lib/browser/ringing-bell.js";
import { inTurn } from "../../lib/browser/turns.js";
import { t } from "../../lib/text/words.js";
import { problemOf } from "../../models/refused.js";
import { Ringing } from "../../models/page/ringing.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { keyOf } from "../../models/lists/saved.js";
import { goneIn, openSaved, pickTime, wordsOf } from "./saved-view.js";

/** @import { Saved as Entry } from "../../wire.js" */
/** @import { Chat } from "../../models/chat.js" */

class SavedNotice extends HTMLElement {
  card = part(this, ".saved-notice-card");
  heading = part(this, "h2");
  text = part(this, ".saved-notice-text");
  rest = part(this, ".saved-notice-rest");
  /** @type {Entry[]} the newest first */
  #due = [];
  /** @type {Map<string, Entry>} what there is to ring for, by what it is called there */
  #rung = new Map();
  /** @type {Chat} */
  chat;
  /** @type {Ringing} */
  ringing;

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.ringing = new Ringing({
      channel: new BroadcastChannel(`chatapp.reminded.${chat.me}`),
      hold: (step) => inTurn(`reminder.${chat.me}`, step),
      later: chat.later,
    });
    this.ringing.on("ring", ({ news }) => this.#ring(news.room));
    const saved = chat.saved;
    if (!saved) throw new Error("<saved-view> attends before <saved-notice>.");
    saved.on("due", ({ saved: entry }) => this.#remind(entry));
    document.addEventListener("hear-saved", (event) => this.#heard(/** @type {CustomEvent} */ (event).detail));
    chat.on("view", () => this.#leaveToList());
    this.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {{ name: string, payload: any }} news */
  #heard({ name, payload }) {
    this.chat.saved?.hear(name, payload);
    if (name === "saved" && !payload.saved?.due) this.#drop(payload);
  }

  /** @param {Entry} entry */
  #remind(entry) {
    this.#due = [entry, ...this.#due.filter((each) => keyOf(each) !== keyOf(entry))];
    this.#leaveToList();
    this.#show();
    const { me, presence, wishes } = this.chat;
    const news = { room: keyOf(entry), seq: Date.parse(entry.remind_at ?? entry.saved_at), sender: me, text: "" };
    this.#rung.set(news.room, entry);
    if (isInView()) this.ringing.saw(news.room, news.seq);
    if (wishes.any && !presence.isBusy) this.ringing.heard(news);
  }

  /** @param {string} key */
  #ring(key) {
    const { wishes } = this.chat;
    const entry = this.#rung.get(key);
    if (wishes.sound) ring();
    if (!wishes.notifies || !entry) return;
    const notice = new Notification(`${t("remind.title")} · ${this.#aboutOf(entry)}`, {
      body: goneIn(entry.message) || wordsOf(entry.message),
      tag: `reminder ${key}`,
      icon: "/static/icons/icon-192.png",
      silent: true,
    });
    notice.onclick = () => {
      window.focus();
      notice.close();
      void this.#open(entry);
    };
  }

  #show() {
    const [entry] = this.#due;
    this.card.hidden = !entry;
    if (!entry) return;
    const gone = goneIn(entry.message);
    write(this.heading, `${t("remind.title")} · ${this.#aboutOf(entry)}`);
    write(this.text, gone || wordsOf(entry.message));
    part(this, "[data-do=open]").hidden = gone !== "" && !entry.message?.moved_to?.room;
    this.rest.hidden = this.#due.length < 2;
    write(this.rest, t("remind.more", { count: this.#due.length - 1 }));
  }

  /** Who wrote it, and where.
      @param {Entry} entry */
  #aboutOf({ room: name, message }) {
    const { people, rooms } = this.chat;
    const room = rooms.get(name);
    const about = [message && !goneIn(message) ? people.shown(message.sender) : "", room ? titleFor(room, this.chat) : ""];
    return about.filter(Boolean).join(" · ") || t("saved.title");
  }

  /** @param {MouseEvent} event */
  async #pressed(event) {
    const step = around(event, "[data-do]")?.dataset.do;
    const [entry] = this.#due;
    if (!step || !entry) return;
    try {
      if (step === "open") await this.#open(entry);
      else if (step === "done") await this.chat.saved?.remove(entry);
      else if (step === "date") return pickTime(entry);
      else if (step === "rest") this.chat.look("saved");
      this.#drop(entry);
    } catch (error) {
      write(this.text, problemOf(error));
    }
  }

  /** The list has them all, on top. */
  #leaveToList() {
    if (this.chat.view !== "saved") return;
    this.#due = [];
    this.#show();
  }

  /** @param {Entry} entry */
  async #open(entry) {
    await openSaved(this.chat, entry);
    this.#drop(entry);
  }

  /** @param {Pick<Entry, "room" | "seq">} entry */
  #drop(entry) {
    this.#due = this.#due.filter((each) => keyOf(each) !== keyOf(entry));
    this.#show();
  }
}

customElements.define("saved-notice", SavedNotice);
