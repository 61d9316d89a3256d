/* <room-details>: the open room, in tabs. What it is and how one hears of it (room-about.js), who is in it
   (room-people.js), what is pinned there (room-pins.js), its files (room-files.js, of the part that is loaded with files), and what those who look after it can change (room-settings.js). */

import { filesPart } from "../../lib/page/files-part.js";
import { part } from "../../lib/page/parts.js";
import { GENERAL } from "../../lib/page/routes.js";
import { Lost, problemOf } from "../../models/refused.js";
import { RoomDesk } from "../../models/rooms/room-desk.js";
import { titleFor } from "../../models/rooms/rooms.js";
import { RoomAbout } from "./room-about.js";
import { showKind } from "./room-kind.js";
import { RoomPeople } from "./room-people.js";
import { RoomPins } from "./room-pins.js";
import { RoomSettings } from "./room-settings.js";
import { Tabs } from "../page/tabs.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */

/** What a panel may do: `attempt(step)` says what goes wrong, and gives whether it came to something.
    @typedef {{ chat: Chat, desk: RoomDesk, attempt: (step: () => unknown) => Promise<boolean>, say: (text: string) => void, close: () => void, focus: () => void }} Details */

class RoomDetails extends HTMLElement {
  dialog = part(this, "dialog", HTMLDialogElement);
  heading = part(this, "h2");
  kind = part(this, ".room-kind");
  problem = part(this, ".problem");
  /** @type {Chat} */
  chat;
  /** @type {Room} */
  room;
  /** @type {{ [panel: string]: { begin(room: Room): void, show(): void } }} */
  panels;
  /** @type {RoomPeople} */
  people;
  tabs = new Tabs(part(this, "[role=tablist]"), (panel) => this.#chosen(panel));

  connectedCallback() {
    part(this, "[data-do=close]").addEventListener("click", () => this.dialog.close());
    document.addEventListener("do-details", () => this.#open("about-room"));
    document.addEventListener("do-invite", () => this.#open("people-of-room"));
    document.addEventListener("do-pins", () => this.#open("pins-of-room"));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    /** @type {Details} */
    const details = {
      chat,
      desk: new RoomDesk(chat.connection),
      attempt: (step) => this.#attempt(step),
      say: (text) => this.#say(text),
      close: () => this.dialog.close(),
      focus: () => this.heading.focus(),
    };
    this.people = new RoomPeople(part(this, "#people-of-room"), details);
    this.panels = {
      "about-room": new RoomAbout(part(this, "#about-room"), details),
      "people-of-room": this.people,
      "pins-of-room": new RoomPins(part(this, "#pins-of-room"), details),
      "settings-of-room": new RoomSettings(part(this, "#settings-of-room"), details),
    };
    chat
      .on("room", ({ room }) => this.dialog.open && room === this.room && this.#show())
      .on("presence", ({ room }) => this.dialog.open && room === this.room && this.panels["people-of-room"].show())
      .on("people", () => this.dialog.open && this.#show())
      .on("opened", () => this.dialog.open && chat.current !== this.room && this.dialog.close());
  }

  /** @param {string} panel */
  #open(panel) {
    this.room = this.chat.current;
    for (const each of Object.values(this.panels)) each.begin(this.room);
    this.#show();
    this.dialog.showModal();
    this.tabs.open(panel);
    if (panel === "people-of-room") this.people.focus();
    else this.heading.focus();
  }

  /** @param {string} panel */
  #chosen(panel) {
    this.#say("");
    if (panel === "files-of-room") this.#attempt(() => this.#showFiles());
    else this.panels[panel].show();
  }

  async #showFiles() {
    try {
      await filesPart.load();
    } catch {
      throw new Lost();
    }
    /** @type {HTMLElement & { show?(room: Room): void }} */ (part(this, "room-files")).show?.(this.room);
  }

  #show() {
    const { kind, group, name, mayChange, joined } = this.room;
    this.heading.textContent = titleFor(this.room, this.chat);
    showKind(this.kind, this.room, this.chat);
    this.tabs.offer("settings-of-room", kind === "direct" ? Boolean(group) : mayChange || (joined && name !== GENERAL));
    for (const panel of Object.values(this.panels)) panel.show();
  }

  /** @param {() => unknown} step */
  async #attempt(step) {
    this.#say("");
    try {
      await step();
      return true;
    } catch (error) {
      this.#say(problemOf(error));
      this.#show();
      return false;
    }
  }

  /** @param {string} text */
  #say(text) {
    this.problem.textContent = text;
  }
}

customElements.define("room-details", RoomDetails);
