/* <room-list>: the rooms in the sidebar, in sections. A link each, so that they can be copied and opened
   in another tab; a plain click switches within the page. */

import { onceATurn } from "../../lib/browser/once.js";
import { showFlag } from "../../lib/page/flag.js";
import { around, cloned, fill, opensElsewhere, part, write } from "../../lib/page/parts.js";
import { pathOf } from "../../lib/page/routes.js";
import { keepCookie, readCookie } from "../../lib/storage/cookies.js";
import { t } from "../../lib/text/words.js";
import { faceOf, iconOf, listed, present, titleFor } from "../../models/rooms/rooms.js";
import { Layout, Sections } from "../../models/rooms/sections.js";
import { showBadge } from "../page/unread-badge.js";

/** @import { Chat } from "../../models/chat.js" */
/** @import { Room } from "../../models/rooms/room.js" */
/** @import { Section, SectionName } from "../../models/rooms/sections.js" */

const LAYOUT = "sidebar"; // the name of a cookie, which the server reads
const HIDDEN_IF_EMPTY = new Set(["unread", "favourites"]);

export class RoomList extends HTMLElement {
  list = part(this, ".rooms");
  template = part(this, "template", HTMLTemplateElement);
  /** The buttons for rooms that are out of sight; loaded later.
      @type {{ look(): void } | null} */
  more = null;
  /** @type {Sections} */
  sections;
  #showSoon = onceATurn(() => this.#show());
  /** @type {Map<string, { item: HTMLElement, looks: string }>} by the names of rooms */
  #items = listedIn(this.list);
  /** @type {Set<string>} whose faces stand for rooms */
  #faces = new Set();
  #isWritten = false;
  /** @type {Chat} */
  chat;

  connectedCallback() {
    this.list.addEventListener("click", (event) => this.#pressed(event));
  }

  /** @param {Chat} chat */
  attend(chat) {
    this.chat = chat;
    this.sections = new Sections(chat, new Layout(readCookie(LAYOUT), (text) => keepCookie(LAYOUT, text)));
    this.sections.on("changed", () => this.#showSoon());
    for (const news of /** @type {const} */ (["rooms", "room", "opened", "view"])) chat.on(news, () => this.#showSoon());
    chat.drafts.on("changed", () => this.#showSoon());
    chat.people.on("states", ({ names }) => {
      if ([...this.#faces].some((name) => names.has(name))) this.#showSoon();
    });
    this.#show();
  }

  #show() {
    const focused = this.contains(document.activeElement) ? document.activeElement : null;
    this.#faces.clear();
    let areOthers = false;
    for (const section of this.sections.all) areOthers = this.#showSection(section) || areOthers;
    if (focused instanceof HTMLElement && document.activeElement !== focused) focused.focus({ preventScroll: true });
    if (areOthers || this.#isWritten) this.more?.look();
    this.#isWritten = false;
  }

  /** @param {Section} section @returns whether other rooms stand there than before */
  #showSection({ name, rooms }) {
    const { opened, isGuest } = this.chat;
    const section = part(this.list, `[data-section=${name}]`);
    const isFolded = this.sections.layout.isFolded(name);
    section.hidden = rooms.length === 0 && (HIDDEN_IF_EMPTY.has(name) || (name === "direct" && isGuest));
    part(section, ".section-fold").ariaExpanded = String(!isFolded);
    const count = part(section, ".section-count");
    const shown = isFolded ? rooms.filter((room) => room === opened) : rooms;
    count.hidden = shown.length === rooms.length;
    write(count, String(rooms.length - shown.length));
    if (name === "rooms") this.#showRest(part(section, ".room-rest"), isFolded);
    if (name === "direct" && !isGuest) part(section, ".room-rest").hidden = isFolded || rooms.length > 0;
    return fill(part(section, "ul"), shown.map((room) => this.#item(room)));
  }

  /** How many there are that are not listed.
      @param {HTMLElement} rest @param {boolean} isFolded */
  #showRest(rest, isFolded) {
    const { rooms, current } = this.chat;
    const count = present(rooms.values(), current).length - listed(rooms.values(), current).length;
    rest.hidden = count === 0 || isFolded;
    write(part(rest, "span"), t("rooms.rest", { count }));
  }

  /** Written anew only where something of it has changed: a busy room changes fifty times a second.
      @param {Room} room */
  #item(room) {
    const looks = this.#looksOf(room);
    const known = this.#items.get(room.name);
    const item = known?.item ?? cloned(this.template);
    if (known?.looks !== looks) this.#write(item, room);
    this.#items.set(room.name, { item, looks });
    return item;
  }

  /** All that an item shows of a room.
      @param {Room} room */
  #looksOf(room) {
    const { chat } = this;
    const { kind, level, joined, unread, mentions } = room;
    const face = faceOf(room, chat.me);
    if (face) this.#faces.add(face);
    const { letter, hue, photo } = chat.people.flag(face);
    const isOpen = room === chat.opened;
    const looks = [kind, level, joined, unread, mentions, titleFor(room, chat), isOpen, this.#hasDraft(room)];
    return JSON.stringify([...looks, face, letter, hue, photo, chat.people.of(face)?.state]);
  }

  /** @param {HTMLElement} item @param {Room} room */
  #write(item, room) {
    this.#isWritten = true;
    const link = part(item, "a", HTMLAnchorElement);
    const title = titleFor(room, this.chat);
    link.href = pathOf(room.name);
    link.dataset.room = room.name;
    part(link, ".room-title").textContent = title;
    this.#showFace(link, room);
    part(link, ".draft").hidden = !this.#hasDraft(room);
    link.classList.toggle("muted", room.level === "nothing");
    link.classList.toggle("joined", room.joined);
    link.classList.toggle("has-news", room.calling > 0);
    showBadge(part(link, ".badge"), room);
    link.ariaCurrent = room === this.chat.opened ? "page" : null;
    part(item, ".room-more").ariaLabel = t("room.menu", { room: title });
  }

  /** @param {HTMLElement} link @param {Room} room */
  #showFace(link, room) {
    const { people, me } = this.chat;
    const name = faceOf(room, me);
    const face = part(link, ".room-face");
    face.hidden = name === "";
    face.dataset.state = people.of(name)?.state ?? "gone";
    showFlag(part(face, ".flag"), people.flag(name));
    part(link, ".room-link > .icon > use", SVGElement).setAttribute("href", `#icon-${iconOf(room)}`);
  }

  /** What one has begun to write, and has left.
      @param {Room} room */
  #hasDraft(room) {
    return room !== this.chat.opened && this.chat.drafts.of(room.name).trim() !== "";
  }

  /** @param {MouseEvent} event */
  #pressed(event) {
    const button = around(event, "button");
    const what = button?.dataset.do;
    if (what === "fold") return this.#fold(around(event, ".room-section")?.dataset.section);
    if (what) return void document.dispatchEvent(new CustomEvent(`open-${what}`, { detail: { button } }));
    const room = around(event, "a")?.dataset.room;
    if (!room || opensElsewhere(event)) return;
    event.preventDefault();
    this.chat.open(room);
    /** @type {HTMLElement | null} */ (this.closest("[popover]"))?.hidePopover();
  }

  /** @param {string | undefined} section */
  #fold(section) {
    const name = /** @type {SectionName} */ (section);
    this.sections.fold(name, !this.sections.layout.isFolded(name));
  }
}

/** The rooms that the server has listed.
    @param {HTMLElement} list @returns {Map<string, { item: HTMLElement, looks: string }>} */
function listedIn(list) {
  /** @type {NodeListOf<HTMLElement>} */
  const items = list.querySelectorAll(".room-item");
  return new Map(Array.from(items, (item) => [part(item, ".room-link").dataset.room ?? "", { item, looks: "" }]));
}

customElements.define("room-list", RoomList);
