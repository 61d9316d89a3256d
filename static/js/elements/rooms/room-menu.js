/* <room-menu>: what one can do with a room of the list: mark it as read, make it a favourite, mute it,
   move it up and down, see more, close or leave it. Rooms can be dragged too. */

import { around, elementOf, part } from "../../lib/page/parts.js";
import { GENERAL } from "../../lib/page/routes.js";
import { t } from "../../lib/text/words.js";
import { endOf } from "../../models/rooms/mute-spans.js";
import { isInForce } from "../../models/rooms/muting.js";
import { RoomOrder } from "../../models/rooms/order.js";
import { problemOf } from "../../models/refused.js";
import { RoomDesk } from "../../models/rooms/room-desk.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { PopMenu } from "../page/pop-menu.js";
import { leaveRoom } from "./room-leaving.js";
import { RoomList } from "./room-list.js";
import { ToastNote } from "../page/toast-note.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Span } from "../../models/rooms/mute-spans.js" */
/** @import { Room } from "../../models/rooms/room.js" */

const STEPS = { up: -1, down: 1 };

class RoomMenu extends PopMenu {
  toast = part(document, "toast-note", ToastNote);
  list = part(document, "room-list", RoomList);
  /** @type {Chat} */
  chat;
  /** @type {Room | null} the room that it is about, or that is dragged */
  #room = null;

  /** @type {Record<string, (room: Room, asked: DOMStringMap) => unknown>} */
  #steps = {
    read: (room) => this.chat.reading.markRead(room),
    favourite: (room) => this.#desk.prefer(room, { favourite: !room.favourite }),
    up: (room) => this.#step(room, STEPS.up),
    down: (room) => this.#step(room, STEPS.down),
    mute: () => this.#showSpans(true),
    "mute-for": (room, { span }) => this.#desk.prefer(room, { muted_until: endOf(/** @type {Span} */ (span), this.chat.now()) }),
    unmute: (room) => this.#desk.prefer(room, { muted_until: "" }),
    about: (room) => this.#about(room),
    close: (room) => this.#close(room),
    leave: (room) => leaveRoom(room.name),
  };

  connectedCallback() {
    super.connectedCallback();
    const { list } = this.list;
    document.addEventListener("open-room-menu", (event) => this.#asked(/** @type {CustomEvent} */ (event).detail.button));
    list.addEventListener("dragstart", (event) => this.#dragged(event));
    list.addEventListener("dragover", (event) => this.#over(event));
    list.addEventListener("dragend", () => this.#mark(null));
    list.addEventListener("drop", (event) => this.#dropped(event));
    this.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    chat.on("room", ({ room }) => room === this.#room && this.matches(":popover-open") && this.#show(room));
  }

  get #order() {
    return new RoomOrder(this.chat, this.list.sections);
  }

  get #desk() {
    return new RoomDesk(this.chat.connection);
  }

  // The menu

  /** @param {HTMLElement} button */
  #asked(button) {
    this.#room = this.#roomOf(button);
    if (!this.#room) return;
    this.ariaLabel = titleFor(this.#room, this.chat);
    this.#show(this.#room);
    this.#showSpans(false);
    this.openBeside(button);
  }

  /** @param {Room} room */
  #show(room) {
    part(this, "[data-do=favourite]").ariaChecked = String(room.favourite);
    part(this, "[data-do=read]").hidden = room.calling === 0;
    part(this, "[data-do=close]").hidden = room.kind !== "direct";
    part(this, "[data-do=leave]").hidden = !room.joined || room.name === GENERAL || (room.kind === "direct" && !room.group);
    const leave = part(this, "[data-do=leave]").lastChild;
    if (leave) leave.textContent = t(room.group ? "leave-conversation" : "leave-room");
    const isMuted = isInForce(room.mutedUntil, this.chat.now());
    part(this, "[data-do=mute]").hidden = isMuted || !room.joined;
    part(this, "[data-do=unmute]").hidden = !isMuted;
    const isNew = this.list.sections.sectionOf(room) === "unread";
    for (const [where, step] of Object.entries(STEPS)) {
      const button = part(this, `[data-do=${where}]`, HTMLButtonElement);
      button.hidden = isNew;
      button.disabled = !this.#order.neighbour(room, step);
    }
    part(this, "hr").hidden = part(this, "[data-do=close]").hidden && part(this, "[data-do=leave]").hidden;
  }

  /** For how long to mute, below the word.
      @param {boolean} isOpen */
  #showSpans(isOpen) {
    part(this, "[data-do=mute]").ariaExpanded = String(isOpen);
    const spans = /** @type {NodeListOf<HTMLElement>} */ (this.querySelectorAll(".mute-span"));
    for (const span of spans) span.hidden = !isOpen;
    if (isOpen) spans[0].focus();
  }

  /** @param {MouseEvent} event */
  async #pressed(event) {
    const asked = around(event, "button")?.dataset ?? {};
    const step = this.#steps[asked.do ?? ""];
    if (!step || !this.#room) return;
    try {
      await step(this.#room, asked);
    } catch (error) {
      this.toast.say(problemOf(error));
    }
  }

  /** @param {Room} room @param {number} step */
  async #step(room, step) {
    const there = this.#order.neighbour(room, step);
    const moved = there && this.#order.move(room, there);
    this.#show(room);
    const isAtEnd = document.activeElement instanceof HTMLButtonElement && document.activeElement.disabled;
    if (isAtEnd) part(this, "[data-stays]:enabled").focus();
    await moved;
  }

  /** @param {Room} room */
  async #about(room) {
    await this.chat.open(room.name);
    document.dispatchEvent(new CustomEvent("do-details"));
  }

  /** What is unread in it is read then: nobody would see it any more.
      @param {Room} room */
  async #close(room) {
    this.chat.reading.markRead(room);
    await this.#desk.close(room);
    if (room === this.chat.current) await this.chat.open(GENERAL);
    this.chat.tell("rooms");
  }

  // Dragging

  /** @param {DragEvent} event */
  #dragged(event) {
    this.#room = this.#roomOf(elementOf(event));
    if (event.dataTransfer) event.dataTransfer.effectAllowed = "copyMove";
  }

  /** @param {DragEvent} event */
  #over(event) {
    const there = this.#roomOf(elementOf(event));
    const isPlace = this.#room && there && this.#order.mayMove(this.#room, there);
    this.#mark(isPlace ? around(event, "li") : null);
    if (isPlace) event.preventDefault();
  }

  /** @param {DragEvent} event */
  async #dropped(event) {
    event.preventDefault();
    const room = this.#room;
    const there = this.#roomOf(elementOf(event));
    this.#mark(null);
    try {
      if (room && there) await this.#order.move(room, there);
    } catch (error) {
      this.toast.say(problemOf(error));
    }
  }

  /** Where it would come to stand: above the room there, or below if it comes from above.
      @param {HTMLElement | null} item */
  #mark(item) {
    for (const marked of this.list.list.querySelectorAll("[data-drop]")) marked.removeAttribute("data-drop");
    if (!item || !this.#room) return;
    const dragged = part(document, `.room-link[data-room="${CSS.escape(this.#room.name)}"]`);
    const isBelow = dragged.compareDocumentPosition(item) & Node.DOCUMENT_POSITION_FOLLOWING;
    item.dataset.drop = isBelow ? "below" : "above";
  }

  /** @param {Element} element @returns {Room | null} */
  #roomOf(element) {
    /** @type {HTMLElement | null | undefined} */
    const link = element.closest("li")?.querySelector(".room-link");
    return this.chat.rooms.get(link?.dataset.room ?? "") ?? null;
  }
}

customElements.define("room-menu", RoomMenu);
