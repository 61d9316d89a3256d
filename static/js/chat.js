/* The chat page: a parts list. Models know what is going on, elements show it, and the address
   bar follows. */

import { Connection } from "./connection.js";
import "./elements/connection-banner.js";
import "./elements/drawer-button.js";
import "./elements/inbox-link.js";
import "./elements/member-list.js";
import "./elements/message-actions.js";
import "./elements/message-composer.js";
import { MessageLog } from "./elements/message-log.js";
import "./elements/notice-bell.js";
import { openWith } from "./elements/opening.js";
import "./elements/own-status.js";
import "./elements/room-header.js";
import "./elements/room-rules.js";
import "./elements/place-name.js";
import "./elements/room-list.js";
import "./elements/page-title.js";
import "./elements/person-card.js";
import "./elements/pop-menu.js";
import "./elements/shortcut-keys.js";
import "./elements/touch-opening.js";
import "./elements/typing-line.js";
import "./elements/unread-line.js";
import { followRooms, searchedIn } from "./lib/address-bar.js";
import { Database } from "./lib/database.js";
import { nextFrame } from "./lib/frames.js";
import { refuseFiles } from "./lib/given-files.js";
import { followLooks } from "./lib/looks.js";
import { part } from "./lib/parts.js";
import { newId } from "./lib/ids.js";
import { Memory } from "./lib/memory.js";
import { Pages } from "./lib/pages.js";
import { INBOX_PATH, roomAt } from "./lib/routes.js";
import { laterSheet } from "./lib/sheets.js";
import { Shelf } from "./lib/shelf.js";
import { inTurn } from "./lib/turns.js";
import { learnAllWords } from "./lib/words.js";
import { Chat } from "./models/chat.js";
import "./offline.js";

const WELCOME = "/";
const WELCOMED_WITHIN_MS = 10_000;

/** @import { Begin } from "./models/chat.js" */

/** @type {Begin & { me: string, id: string, role: string, asked: string, at?: number, people: import("./types.js").Profile[] }} */
const begin = JSON.parse(part(document, "#begin").textContent ?? "");
const connection = new Connection();
const tables = new Database();
/** @param {string} table @param {{ isDear?: boolean }} [how] */
const shelf = (table, how) => new Shelf({ tables, table, channel: new BroadcastChannel(`chatapp.${table}`), ...how });
const chat = new Chat({
  connection,
  me: begin.me,
  id: begin.id,
  role: begin.role,
  memory: new Memory(() => localStorage),
  kept: {
    tables,
    pages: new Pages(),
    outbox: shelf("outbox", { isDear: true }),
    drafts: shelf("drafts"),
    alone: (step) => inTurn(`outbox.${begin.me}`, step),
  },
  newId,
  now: () => new Date(),
  later: (step, seconds) => {
    const timer = setTimeout(step, seconds * 1000);
    return () => clearTimeout(timer);
  },
  soon: nextFrame,
});

const log = part(document, "message-log", MessageLog);
chat.people.begin(begin.people);
const named = new Set(begin.rooms.map(({ name }) => name)); // The first messages are read before the chat begins.
const rooms = { has: (/** @type {string} */ name) => named.has(name) || chat.rooms.has(name) };
chat.begin({ ...begin, ...log.adopt(begin.room.name, { me: chat.me, people: chat.people, rooms, isGuest: begin.guest }) });

/** What the page is made of: each is told what it shows. */
const PARTS =
  "composer-note, connection-banner, drawer-button, inbox-link, member-list, message-actions, message-composer, message-log, room-header, room-list, typing-line, unread-line, page-title, person-card, place-name, own-status, notice-bell, room-rules, shortcut-keys";
const LATER_PARTS =
  "day-picker, format-bar, inbox-view, room-leaving, room-menu, message-completion, slash-commands, message-deletion, message-versions, new-message, room-dialog, settings-sheet, room-browser, room-details, search-panel, switcher-panel";

/** @param {string} names */
function attend(names) {
  /** @type {NodeListOf<HTMLElement & { attend(chat: Chat, connection: Connection): void }>} */
  const parts = document.querySelectorAll(names);
  for (const element of parts) element.attend(chat, connection);
}

attend(PARTS);
openWith(async () => {
  await Promise.all([laterSheet(), learnAllWords()]); // First: what the scripts define hears events at once, and has to attend at once.
  await import("./later.js");
  attend(LATER_PARTS);
  document.documentElement.dataset.later = "ready";
});

followRooms(chat);
followLooks();
addEventListener("pagehide", () => chat.recent.flush());
refuseFiles();

/* The welcome asks who one is. Once: whom it sends straight back here is not to go round. */
const visit = new Memory(() => sessionStorage);
chat.on("refused", ({ code }) => {
  if (code !== "unauthorized" || Date.now() - visit.get("welcomed", 0) < WELCOMED_WITHIN_MS) return;
  visit.put("welcomed", Date.now());
  location.assign(WELCOME);
});

/* Without a network, the page may be one that was kept of another room: static/js/worker.js. */
const asked = roomAt(location.pathname);
if (asked !== begin.asked) chat.open(asked);

if (location.pathname === INBOX_PATH) document.dispatchEvent(new CustomEvent("do-inbox"));
if (searchedIn(location) !== null) document.dispatchEvent(new CustomEvent("do-search"));
if (begin.at) chat.show(begin.room.name, begin.at);
connection.start();
