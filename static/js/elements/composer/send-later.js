/* <send-later>: the menu at the button that sends: at what time the server is to send what one has written.
   A long press on that button opens it, too, and so does its second press (contextmenu). */

import { dayAt, daysUntil } from "../../lib/text/moments.js";
import { around, elementOf, part, write } from "../../lib/page/parts.js";
import { clockOf } from "../../lib/text/times.js";
import { t } from "../../lib/text/words.js";
import { Refused, problemOf } from "../../models/refused.js";
import { Scheduled } from "../../models/composer/scheduled.js";
import { commandOf, said } from "../../models/composer/slash.js";
import { MessageComposer } from "./message-composer.js";
import { PopMenu } from "../page/pop-menu.js";
import { ScheduledList, whenOf } from "./scheduled-list.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Connection } from "../../types.js" */

const LONG_PRESS_MS = 450;
const CLICK_WITHIN_MS = 300;
const SEND = ".composer-send";

/** @type {Record<string, (now: Date) => Date>} */
const TIMES = {
  today: (now) => dayAt(now, 0),
  tomorrow: (now) => dayAt(now, 1),
  monday: (now) => dayAt(now, daysUntil(now, 1)),
};

export class SendLater extends PopMenu {
  /** Where one writes. */
  composer = part(document, ".write message-composer", MessageComposer);
  list = part(document, "scheduled-list", ScheduledList);
  /** @type {Scheduled} */
  scheduled;
  /** @type {ReturnType<typeof setTimeout> | undefined} */
  #press;
  #isDown = false;
  /** @type {Element | null} what has been pressed for long, or asked for a menu, and not lifted yet */
  #held = null;

  /** @param {Chat} chat @param {Connection} connection */
  attend(chat, connection) {
    part(document, ".write").append(this); // For those who go from landmark to landmark.
    this.scheduled = new Scheduled(connection);
    this.list.begin(chat, this.scheduled);
    document.addEventListener("do-send-later", () => this.#openAt(document.activeElement));
    document.addEventListener("do-scheduled", () => this.list.open());
    document.addEventListener("contextmenu", (event) => this.#asked(event));
    document.addEventListener("pointerdown", (event) => this.#pressedDown(event));
    for (const end of ["pointerup", "pointercancel"]) document.addEventListener(end, (event) => this.#lifted(/** @type {PointerEvent} */ (event)));
    this.addEventListener("click", (event) => this.#chosen(event));
  }

  /** Schedules a text with all that its composer has for it, and gives what there is to say. Throws Refused or
      Lost.
      @param {Date} at @param {MessageComposer} composer @param {string} text */
  async schedule(at, composer, text) {
    const { room, place } = composer;
    const aim = composer.aims.of(place);
    const { uploads } = composer.chat;
    const files = uploads?.of(place) ?? [];
    if (files.some(({ state }) => state !== "done")) throw new Refused({ message: t("later.files") });
    const { thread, alsoToRoom } = composer.about();
    const keys = files.map(({ key }) => key);
    const entry = await this.scheduled.schedule({
      at: at.toISOString(),
      text,
      room: room.name,
      files: uploads?.named(keys) ?? [],
      ...(aim && { reply_to: aim.message.seq }),
      ...(thread && { thread }),
      ...(alsoToRoom && { also_to_room: true }),
    });
    uploads?.forget(keys);
    if (aim && composer.place === place) part(composer.aimed, "button").click();
    return t("later.done", { when: whenOf(entry.at) });
  }

  /** What is written, from the menu: it is gone when it is scheduled.
      @param {Date} at */
  async #schedule(at) {
    const { composer } = this;
    const { place, field } = composer;
    const { value } = field;
    try {
      const says = await this.schedule(at, composer, said(value));
      if (composer.place !== place) return composer.chat.drafts.keep(place, "");
      if (field.value === value) composer.done();
      composer.note?.tell(says);
    } catch (error) {
      composer.note?.tell(problemOf(error));
    }
    field.focus();
  }

  /** @param {Element | null} button */
  #openAt(button) {
    const composer = button?.closest("message-composer");
    this.composer = composer instanceof MessageComposer ? composer : part(document, ".write message-composer", MessageComposer);
    const { button: send, field, place, aims } = this.composer;
    const isReady = !send.disabled && aims.of(place)?.kind !== "edit" && !commandOf(field.value);
    const now = new Date();
    /** @type {NodeListOf<HTMLButtonElement>} */
    const items = this.querySelectorAll("[data-when]");
    for (const item of items) {
      const at = TIMES[item.dataset.when ?? ""]?.(now);
      item.disabled = !isReady;
      item.hidden = at !== undefined && (at <= now || isTomorrow(item, now));
      if (at) write(part(item, "span"), t(`later.${item.dataset.when}`, { time: clockOf(at.toISOString()) }));
    }
    write(part(this, ".menu-note"), isReady ? "" : t("later.nothing"));
    part(this, "[data-do=list]", HTMLButtonElement).hidden = this.scheduled.entries.length === 0;
    const own = part(this.composer, "[data-shortcut=send-later]");
    this.openBeside(own.offsetParent ? own : send); // There is no place for it on a phone.
  }

  /** By a key at once; by a mouse or a finger when it is lifted, which would close what is open.
      @param {Event} event */
  #asked(event) {
    const send = around(event, SEND);
    if (!send || !this.#isHere(send)) return;
    event.preventDefault();
    if (this.#isDown) this.#held = send;
    else if (!this.matches(":popover-open")) this.#openAt(send);
  }

  /** @param {PointerEvent} event */
  #pressedDown(event) {
    this.#isDown = true;
    clearTimeout(this.#press);
    const send = around(event, SEND);
    if (event.pointerType !== "touch" || !send || !this.#isHere(send)) return;
    this.#press = setTimeout(() => {
      this.#held = send;
      this.dataset.held = "";
    }, LONG_PRESS_MS);
  }

  /** The press that opened it does not send, nor choose what comes under the finger: after a touch, a click may
      follow.
      @param {PointerEvent} event */
  #lifted({ pointerType }) {
    const send = this.#held;
    this.#isDown = false;
    this.#held = null;
    delete this.dataset.held;
    clearTimeout(this.#press);
    if (!send) return;
    const clicked = new AbortController();
    const open = () => {
      clicked.abort();
      this.#openAt(send);
    };
    const timer = setTimeout(open, pointerType === "touch" ? CLICK_WITHIN_MS : 0);
    const options = { capture: true, signal: clicked.signal };
    send.addEventListener("click", (click) => (click.preventDefault(), clearTimeout(timer), open()), options);
  }

  /** Guests cannot send later.
      @param {Element} send */
  #isHere(send) {
    return send.closest("form")?.querySelector("[data-shortcut=send-later]") !== null;
  }

  /** @param {Event} event */
  #chosen(event) {
    const item = elementOf(event).closest("[role=menuitem]");
    if (!(item instanceof HTMLElement)) return;
    const { when } = item.dataset;
    const time = TIMES[when ?? ""];
    if (time) void this.#schedule(time(new Date()));
    else if (when === "pick") this.list.pick((at) => this.#schedule(at));
    else if (item.dataset.do === "poll") document.dispatchEvent(new CustomEvent("do-poll"));
    else this.list.open();
  }
}

/** On a Sunday, Monday is tomorrow.
    @param {HTMLElement} item @param {Date} now */
function isTomorrow({ dataset }, now) {
  return dataset.when === "monday" && now.getDay() === 0;
}

customElements.define("send-later", SendLater);
