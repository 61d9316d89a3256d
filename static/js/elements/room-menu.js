/* <room-menu>: what one can do with a room of the list: make it a favourite, move it up and down,
   see more, leave it. Opens beside its button. Rooms can be dragged too. */

import { around, elementOf, part } from "../lib/parts.js";
import { RoomOrder } from "../models/order.js";
import { problemOf } from "../models/refused.js";
import { GENERAL } from "../lib/routes.js";
import { RoomDesk, titleFor } from "../models/rooms.js";
import { leaveRoom } from "./room-leaving.js";
import { ToastNote } from "./toast-note.js";

/** @import { Chat } from "../models/chat.js" */
/** @import { Room } from "../models/room.js" */

const GAP_PX = 4;
const STEPS = { up: -1, down: 1 };

class RoomMenu extends HTMLElement {
  toast = part(document, "toast-note", ToastNote);
  /** @type {Chat} */
  chat;
  /** @type {Room | null} the room that it is about, or that is dragged */
  #room = null;

  connectedCallback() {
    this.list = part(document, "room-list .rooms");
    this.list.addEventListener("click", (event) => this.#asked(event));
    this.list.addEventListener("dragstart", (event) => this.#dragged(event));
    this.list.addEventListener("dragover", (event) => this.#over(event));
    this.list.addEventListener("dragend", () => this.#mark(null));
    this.list.addEventListener("drop", (event) => this.#dropped(event));
    this.addEventListener("click", (event) => this.#pressed(event));
    this.addEventListener("keydown", (event) => this.#keyed(event));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.order = new RoomOrder(chat);
    this.desk = new RoomDesk(chat.connection);
    chat.on("room", ({ room }) => room === this.#room && this.#show());
  }

  // The menu

  /** @param {MouseEvent} event */
  #asked(event) {
    const button = around(event, "[data-do=room-menu]");
    this.#room = button && this.#roomOf(button);
    if (!button || !this.#room) return;
    this.ariaLabel = titleFor(this.#room, this.chat);
    this.#show();
    this.showPopover();
    this.#standBeside(button.getBoundingClientRect());
    part(this, "button:enabled").focus();
  }

  #show() {
    const room = this.#room;
    if (!room) return;
    part(this, "[data-do=favourite]").ariaPressed = String(room.favourite);
    part(this, "[data-do=leave]").hidden = !room.joined || room.name === GENERAL || room.kind === "direct";
    for (const [where, step] of Object.entries(STEPS)) {
      part(this, `[data-do=${where}]`, HTMLButtonElement).disabled = !this.order?.neighbour(room, step);
    }
  }

  /** @param {DOMRect} button */
  #standBeside(button) {
    const { width, height } = this.getBoundingClientRect();
    const left = document.dir === "rtl" ? button.left : button.right - width;
    this.style.left = `${Math.max(GAP_PX, Math.min(left, innerWidth - width - GAP_PX))}px`;
    this.style.top = `${Math.min(button.bottom + GAP_PX, innerHeight - height - GAP_PX)}px`;
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const what = around(event, "button")?.dataset.do;
    const room = this.#room;
    if (!what || !room) return;
    if (what === "favourite") this.#try(() => this.desk?.prefer(room, { favourite: !room.favourite }));
    else if (what === "up" || what === "down") this.#step(room, STEPS[what]);
    else if (what === "leave") this.#leave(room);
    else this.#about(room);
  }

  /** @param {Room} room */
  #leave(room) {
    this.hidePopover();
    leaveRoom(room.name);
  }

  /** @param {Room} room @param {number} step */
  #step(room, step) {
    const there = this.order?.neighbour(room, step);
    if (there) this.#try(() => this.order?.move(room, there));
    this.#show();
    const isAtEnd = document.activeElement instanceof HTMLButtonElement && document.activeElement.disabled;
    if (isAtEnd) part(this, "button:enabled").focus();
  }

  /** @param {Room} room */
  async #about(room) {
    this.hidePopover();
    await this.chat.open(room.name);
    document.dispatchEvent(new CustomEvent("do-details"));
  }

  /** @param {KeyboardEvent} event */
  #keyed(event) {
    const step = { ArrowUp: -1, ArrowDown: 1 }[event.key];
    if (!step) return;
    event.preventDefault();
    /** @type {HTMLElement[]} */
    const buttons = [...this.querySelectorAll("button:enabled:not([hidden])")].map((button) => /** @type {HTMLElement} */ (button));
    const at = buttons.findIndex((button) => button === document.activeElement);
    buttons[(at + step + buttons.length) % buttons.length].focus();
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
    const isPlace = this.#room && there && there !== this.#room && there.favourite === this.#room.favourite;
    this.#mark(isPlace ? around(event, "li") : null);
    if (isPlace) event.preventDefault();
  }

  /** @param {DragEvent} event */
  #dropped(event) {
    event.preventDefault();
    const room = this.#room;
    const there = this.#roomOf(elementOf(event));
    this.#mark(null);
    if (room && there) this.#try(() => this.order?.move(room, there));
  }

  /** Where it would come to stand: above the room there, or below if it comes from above.
      @param {HTMLElement | null} item */
  #mark(item) {
    for (const marked of this.list?.querySelectorAll("[data-drop]") ?? []) marked.removeAttribute("data-drop");
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

  /** @param {() => unknown} step */
  async #try(step) {
    try {
      await step();
    } catch (error) {
      this.toast.say(problemOf(error));
    }
    this.#show();
  }
}

customElements.define("room-menu", RoomMenu);
