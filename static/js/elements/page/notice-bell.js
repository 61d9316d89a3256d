/* <notice-bell>: tells of messages that one does not see: a notice of the browser, and a soft
   sound. Asked for by pressing it, never by itself; which of the two, the settings say. Who has missed
   a mention without it is offered it, once, when they are back. */

import { isInView } from "../../lib/browser/in-view.js";
import { calls } from "../../lib/text/tokens.js";
import { part } from "../../lib/page/parts.js";
import { ring } from "../../lib/browser/ringing-bell.js";
import { inTurn } from "../../lib/browser/turns.js";
import { filesInShort } from "../../lib/page/files-part.js";
import { inShort } from "../../lib/text/texts.js";
import { t } from "../../lib/text/words.js";
import { Ringing, isWorthTelling } from "../../models/page/ringing.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { MessageLog } from "../log/message-log.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { News } from "../../models/page/ringing.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Message } from "../../types.js" */
/** `wasInView`: whether somebody had the page before their eyes then.
    @typedef {{ room: Room, messages: Message[], wasInView: boolean }} Heard */

class NoticeBell extends HTMLElement {
  button = part(this, "button");
  note = part(this, ".menu-note");
  log = part(document, "message-log", MessageLog);
  /** @type {Chat} */
  chat;
  /** @type {Ringing} */
  ringing;
  /** Whether one was mentioned and did not look. */
  #hasMissed = false;

  connectedCallback() {
    this.button.addEventListener("click", () => this.#pressed());
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.ringing = new Ringing({
      channel: new BroadcastChannel(`chatapp.heard.${chat.me}`),
      hold: (step) => inTurn(`bell.${chat.me}`, step),
      later: chat.later,
    });
    this.ringing.on("ring", ({ news }) => this.#ring(news));
    document.addEventListener("hear-messages", (event) => this.#heard(/** @type {CustomEvent<Heard>} */ (event).detail));
    document.addEventListener("do-notices", () => this.#pressed());
    chat.wishes.on("changed", () => this.#show());
    chat.on("connection", () => this.#cameBack());
    addEventListener("focus", () => this.#offer());
    document.addEventListener("visibilitychange", () => this.#offer());
    this.#show();
    this.#cameBack();
  }

  async #pressed() {
    const { wishes } = this.chat;
    const isWanted = !wishes.any;
    wishes.sound = wishes.notices = isWanted;
    if (!isWanted) return;
    ring();
    if (wishes.permission() === "default") await Notification.requestPermission();
    this.#show();
  }

  /** What called one while the page was closed is unread. */
  #cameBack() {
    const { state, rooms, current } = this.chat;
    if (state !== "online") return;
    this.#hasMissed ||= [...rooms.values()].some((room) => room.mentions > 0 && room !== current);
    this.#offer();
  }

  #offer() {
    const { wishes } = this.chat;
    if (!this.#hasMissed || !isInView() || !wishes.mayBeOffered) return;
    wishes.wereOffered();
    this.chat.tell("missed", { turnOn: () => this.#pressed() });
  }

  #show() {
    const { wishes } = this.chat;
    this.button.ariaChecked = String(wishes.any);
    this.note.textContent = wishes.sound && wishes.areRefused ? t("bell.only-sound") : "";
  }

  /** The first is heard when this has come: whoever was away then may be back.
      @param {Heard} heard */
  #heard({ room, messages, wasInView }) {
    const { me, people, presence, rules, threads, wishes } = this.chat;
    const names = people.mentionable;
    // The log knows where it stands: to ask its scroller now would lay all of it out once more.
    const isLooking = wasInView && room === this.chat.opened && this.log.isAtEnd;
    const last = messages.at(-1);
    if (isLooking && last) this.ringing.saw(room.name, last.seq);
    const isFollowed = (/** @type {Message} */ { thread }) => thread !== undefined && threads.markOf(room.name, { seq: thread }).following;
    const isWorth = (/** @type {Message} */ message) =>
      isWorthTelling({ room, message, me, names, isBusy: presence.isBusy, isLooking, rules, isFollowed: isFollowed(message) });
    const worth = messages.findLast(isWorth);
    if (worth && wishes.mayBeOffered && calls(worth.text, me, names)) this.#hasMissed = true;
    if (!wasInView) this.#offer();
    if (!worth || !wishes.any) return;
    const { seq, sender, text, files } = worth;
    this.ringing.heard({ room: room.name, seq, sender, text: text || filesInShort(files) });
  }

  /** @param {News} news */
  #ring(news) {
    const { wishes } = this.chat;
    if (wishes.sound) ring();
    if (wishes.notifies) this.#notify(news);
  }

  /** One notice a room: a newer one takes the place of the last.
      @param {News} news */
  #notify({ room: name, sender, text, seq }) {
    const { me, rooms, people } = this.chat;
    const from = people.shown(sender);
    const room = rooms.get(name);
    const title = room && (room.kind !== "direct" || room.group) ? `${from} · ${titleFor(room, this.chat)}` : from;
    const notice = new Notification(calls(text, me, people.mentionable) ? `@ ${title}` : title, {
      body: inShort(text),
      tag: name,
      icon: "/static/icons/icon-192.png",
      silent: true,
    });
    notice.onclick = () => {
      window.focus();
      notice.close();
      this.chat.show(name, seq);
    };
  }
}

customElements.define("notice-bell", NoticeBell);
