/* The chat page: a parts list. Models know what is going on, elements show it, and the address
   bar follows. */

import { Connection } from "./connection.js";
import "./elements/page/connection-banner.js";
import "./elements/page/drawer-button.js";
import "./elements/lists/inbox-link.js";
import "./elements/people/member-list.js";
import { MessageComposer } from "./elements/composer/message-composer.js";
import { MessageLog } from "./elements/log/message-log.js";
import { openWith } from "./elements/page/opening.js";
import "./elements/people/own-status.js";
import "./elements/rooms/room-header.js";
import "./elements/rooms/room-rules.js";
import "./elements/rooms/place-name.js";
import "./elements/rooms/room-list.js";
import "./elements/page/page-title.js";
import "./elements/page/shortcut-keys.js";
import "./elements/threads/threads-link.js";
import "./elements/log/touch-opening.js";
import "./elements/log/typing-line.js";
import "./elements/log/unread-line.js";
import { PATHS, followRooms, searchedIn } from "./lib/page/address-bar.js";
import { Database } from "./lib/storage/database.js";
import { nextFrame } from "./lib/browser/frames.js";
import { filesPart } from "./lib/page/files-part.js";
import { hearFiles } from "./lib/files/given-files.js";
import { isInView } from "./lib/browser/in-view.js";
import { laterPart } from "./lib/page/later-part.js";
import { followLooks } from "./lib/page/looks.js";
import { part } from "./lib/page/parts.js";
import { newId } from "./lib/browser/ids.js";
import { Memory } from "./lib/storage/memory.js";
import { Pages } from "./lib/storage/pages.js";
import { numberIn, roomAt } from "./lib/page/routes.js";
import { laterSheet, sheet } from "./lib/page/sheets.js";
import { Shelf } from "./lib/storage/shelf.js";
import { inTurn } from "./lib/browser/turns.js";
import { learnAllWords } from "./lib/text/words.js";
import { Chat } from "./models/chat.js";
import { ownEmoji } from "./models/own-emoji.js";
import { LATER } from "./offline.js";

const WELCOME = "/";
const WELCOMED_WITHIN_MS = 10_000;

/** @import { Begin } from "./models/chat.js" */

/** @type {Begin & { me: string, id: string, role: string, asked: string, at?: number, people: import("./types.js").Profile[], emoji?: import("./wire.js").EmojiList }} */
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

filesPart.comesBy(async () => {
  await Promise.all([sheet("files-sheet"), learnAllWords()]);
  const { beginFiles } = await import("./files.js");
  beginFiles(chat, { tables, shelf: shelf("uploads") });
});

ownEmoji.begin(() => connection.request("emoji", {}), begin.emoji);
const log = part(document, "message-log", MessageLog);
chat.people.begin(begin.people);
const named = new Set(begin.rooms.map(({ name }) => name)); // The first messages are read before the chat begins.
const rooms = { has: (/** @type {string} */ name) => named.has(name) || chat.rooms.has(name) };
chat.begin({ ...begin, ...log.adopt(begin.room.name, { me: chat.me, people: chat.people, rooms, isGuest: begin.guest, threads: chat.threads }) });

/** What the page is made of: each is told what it shows. */
const PARTS =
  "connection-banner, drawer-button, inbox-link, member-list, message-composer, message-log, room-header, room-list, typing-line, unread-line, page-title, place-name, own-status, room-rules, shortcut-keys, threads-link";

/** @param {string} names */
function attend(names) {
  /** @type {NodeListOf<HTMLElement & { attend(chat: Chat, connection: Connection): void }>} */
  const parts = document.querySelectorAll(names);
  for (const element of parts) element.attend(chat, connection);
}

attend(PARTS);
const openLater = openWith(async () => {
  document.head.append(Object.assign(document.createElement("link"), { rel: "modulepreload", href: LATER }));
  // First: what the scripts define hears events at once, and has to attend at once.
  const [showPart] = await Promise.all([laterPart(), laterSheet(), learnAllWords()]);
  showPart();
  const { LATER_PARTS } = await import("./later.js");
  attend(LATER_PARTS);
  document.documentElement.dataset.later = "ready";
});

/* A menu that was opened before this script had come is not seen before it has its looks and its place. */
if (document.querySelector(".side-menu:popover-open")) void openLater();

/** What people say of themselves is drawn by what comes later.
    @param {Iterable<string>} names */
const showStatuses = (names) => [...names].some((name) => chat.people.of(name)?.status) && void openLater();
showStatuses(chat.people.names);
chat.on("people", ({ names }) => showStatuses(names));

tables.all("uploads").then((kept) => {
  if (kept?.size) filesPart.load().catch(() => {}); // The next file asks again.
});

followRooms(chat);
followLooks();
addEventListener("pagehide", () => chat.recent.flush());
hearFiles((files) => {
  const composer = document.activeElement?.closest("message-composer"); // That of a thread, where one writes there.
  void (composer instanceof MessageComposer ? composer : part(document, ".write message-composer", MessageComposer)).give(files);
});

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

for (const [news, event] of /** @type {const} */ ([
  ["saved", "hear-saved"],
  ["answered", "hear-answer"],
  ["webhook-off", "hear-webhook-off"],
  ["invited", "hear-invited"],
  ["unreached", "hear-unreached"],
])) {
  chat.on(news, (/** @type {object} */ detail) => document.dispatchEvent(new CustomEvent(event, { detail })));
}
chat.on("heard", (heard) => {
  document.dispatchEvent(new CustomEvent("hear-messages", { detail: { ...heard, wasInView: isInView() } }));
});
if (chat.wishes.any || begin.rooms.some(({ unread }) => unread)) void openLater(); // Who is told of news, or finds some.
for (const [view, path] of Object.entries(PATHS)) {
  if (location.pathname === path) document.dispatchEvent(new CustomEvent(`do-${view}`));
}
if (searchedIn(location) !== null) document.dispatchEvent(new CustomEvent("do-search"));
chat.on("thread", ({ room, thread, seq }) => {
  document.dispatchEvent(new CustomEvent("open-thread", { detail: { room: room.name, thread, seq } }));
});
const thread = numberIn(location.search, "thread");
if (thread) document.dispatchEvent(new CustomEvent("open-thread", { detail: { thread, seq: begin.at } }));
else if (begin.at) chat.show(begin.room.name, begin.at);
connection.start();
