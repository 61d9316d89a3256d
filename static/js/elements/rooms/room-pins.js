/* A tab of <room-details>: what is pinned in the room. Each leads to its message. */

import { showFlag } from "../../lib/page/flag.js";
import { fill, around, cloned, opensElsewhere, part, write } from "../../lib/page/parts.js";
import { linkTo } from "../../lib/page/routes.js";
import { ago, dayName, exactly } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { Pins, mayPin } from "../../models/rooms/pins.js";
import { goneIn, wordsOf } from "../lists/saved-view.js";

/** @import { PinnedMessage } from "../../wire.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Details } from "./room-details.js" */

export class RoomPins {
  /** @type {Pins} */
  pins;
  #shown = "";

  /** @param {HTMLElement} panel @param {Details} details */
  constructor(panel, details) {
    this.panel = panel;
    this.details = details;
    this.list = part(panel, ".pins");
    this.note = part(panel, ":scope > .hint");
    this.more = part(panel, "[data-do=more]");
    this.template = part(panel, "template", HTMLTemplateElement);
    panel.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {Room} room */
  begin(room) {
    const pins = new Pins(this.details.chat.connection, room);
    pins.on("changed", () => pins === this.pins && this.#showFound());
    this.pins = pins;
    this.#shown = "";
    this.list.replaceChildren();
  }

  /** Asks where it is in sight, and something else is pinned than before. */
  show() {
    const { facts } = this.pins.room;
    const wanted = `pinned ${facts.pins}`;
    if (this.panel.hidden || this.#shown === wanted) return;
    this.#shown = wanted;
    void this.pins.load();
  }

  #showFound() {
    const { found, state, problem, after } = this.pins;
    const focused = [...this.list.children].findIndex((item) => item.contains(document.activeElement));
    fill(this.list, found.map((pin) => this.#item(pin)));
    const isEmpty = state === "done" && found.length === 0;
    write(this.note, { loading: found.length ? "" : t("log.loading"), done: isEmpty ? t("pins.empty") : "", failed: problem }[state]);
    this.more.hidden = state === "loading" || (state === "done" && after === null);
    write(this.more, t(state === "failed" ? "try-again" : "inbox.more"));
    if (focused >= 0 && !this.list.contains(document.activeElement)) this.#focusAt(focused);
  }

  /** What stands there now, or the last one.
      @param {number} at */
  #focusAt(at) {
    const item = this.list.children[Math.min(at, this.list.childElementCount - 1)];
    if (item) part(item, "a").focus();
    else this.details.focus();
  }

  /** @param {PinnedMessage} pin */
  #item({ seq, pinned_by: by, pinned_at: at, message }) {
    const { chat } = this.details;
    const { people } = chat;
    const { room } = this.pins;
    const item = cloned(this.template);
    item.dataset.seq = String(seq);
    const name = people.shown(message.sender);
    showFlag(part(item, ".flag"), people.flag(message.sender));
    write(part(item, ".sender"), name);
    const when = part(item, "time", HTMLTimeElement);
    Object.assign(when, { dateTime: message.at, title: exactly(message.at) });
    write(when, dayName(message.at));
    const link = part(item, "a", HTMLAnchorElement);
    link.href = linkTo(room.name, seq, message.thread);
    const gone = goneIn(message);
    link.classList.toggle("is-gone", gone !== "");
    write(link, gone || wordsOf(message));
    write(part(item, ".hint"), t("pins.by", { name: people.shown(by), when: ago(at, chat.now()) }));
    const unpin = part(item, "button");
    unpin.hidden = !mayPin(room, chat);
    unpin.ariaLabel = t("pins.unpin.of", { name });
    return item;
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const seq = Number(around(event, ".pin")?.getAttribute("data-seq"));
    const { after, state } = this.pins;
    if (around(event, "[data-do=more]")) return void this.pins.load({ after: state === "failed" && !this.list.firstChild ? null : after });
    if (around(event, "[data-do=unpin]")) return void this.details.attempt(() => this.pins.pin(seq, false));
    if (!around(event, "a") || opensElsewhere(event)) return;
    event.preventDefault();
    this.details.close();
    void this.details.attempt(() => this.details.chat.show(this.pins.room.name, seq));
  }
}
