/* What the server tells without being asked, and what becomes of it. Live messages are gathered between
   two frames; whatever else is told stays behind those that came before it. */

import { GENERAL } from "../../lib/page/routes.js";
import { Gathering } from "./gathering.js";
import { ownEmoji } from "../own-emoji.js";
import { ignoreLost } from "../refused.js";

/** @import { LoggedEvent, Message, RoomInfo } from "../../types.js" */
/** @import { Chat } from "../chat.js" */
/** @import { Room } from "../rooms/room.js" */

const EVENTS_OF_ROOMS = new Set(["message", "edit", "delete", "react"]);

export class Hearing {
  /** @param {Chat} chat */
  constructor(chat) {
    this.chat = chat;
    this.gathering = new Gathering({
      soon: (step) => chat.soon(step),
      take: (room, events) => this.#take(chat.rooms.get(room), events, { live: true }),
    });
  }

  /** @param {string} name @param {any} payload what it is, its name says */
  hear(name, payload) {
    const { chat } = this;
    if (!EVENTS_OF_ROOMS.has(name)) this.gathering.takeAll();
    const room = chat.rooms.get(payload?.room);
    switch (name) {
      case "message":
      case "edit":
      case "delete":
      case "react":
        return this.gathering.add({ type: name, ...payload });
      case "typing":
        if (payload.name === chat.me) return; // In another tab.
        return room?.typists.typed(payload.name);
      case "profile":
        return chat.people.hear(payload);
      case "mention":
        return this.#calledFromOutside(payload);
      case "presence":
        if (payload.room === GENERAL) chat.people.presence(payload); // Whoever is here is there.
        return room?.presence(payload);
      case "room":
        return this.#learn(payload);
      case "removed":
        return chat.lose(payload.room);
      case "prefs":
        return room?.prefer(payload);
      case "order":
        return chat.known.takeOrder(payload.rooms);
      case "read":
        return room && chat.reading.hear(room, payload); // On another device.
      case "thread":
        return chat.threads.take(payload); // On another device.
      case "vote":
        return room?.foresee({ type: "react", target: payload.seq, sender: chat.me, votes: /** @type {any} */ ({ own: payload.own }) }); // On another device.
      case "saved":
      case "reminder":
        return chat.tell("saved", { name, payload });
      case "command_answer":
        return chat.tell("answered", payload);
      case "webhook_off":
        return chat.tell("webhook-off", payload);
      case "settings":
        return chat.place.become(payload);
      case "emoji":
        return ownEmoji.hear(payload);
      case "erased":
        return this.#erase(payload);
      case "heads":
        return this.#compareHeads(payload);
      case "read_only":
        chat.readOnly = payload.on;
        return chat.tell("connection");
    }
  }

  /** Events of a room that did not come live, behind those that did.
      @param {Room | undefined} room @param {LoggedEvent[]} events */
  receive(room, events) {
    this.gathering.takeAll();
    this.#take(room, events, { live: false });
  }

  /** @param {Room | undefined} room @param {LoggedEvent[]} events @param {{ live: boolean }} how */
  #take(room, events, { live }) {
    if (!room) return;
    const { chat } = this;
    for (const { sender } of events) room.typists.stopped(sender);
    chat.threads.hear(room, events);
    for (const thread of room.open.values()) thread.receive(events);
    chat.outbox.settle(/** @type {Message[]} */ (events.filter(({ thread }) => thread)));
    if (room.timeline) room.timeline.receive(events);
    else if (events.some(({ type }) => type === "edit" || type === "delete")) chat.recent.forget(room.name);
    const isWhole = events.every(({ seq }, index) => seq <= (events[index - 1]?.seq ?? room.head) + 1);
    if (!isWhole) return void chat.catchingUp.recount(room).catch(ignoreLost);
    const news = room.hear(events, chat.me, chat.people.mentionable);
    if (live && news.length > 0) chat.tell("heard", { room, messages: /** @type {Message[]} */ (news) });
  }

  /** A room has changed, or is a new one; into a private one that others are in, and a group that has begun, one
      was invited.
      @param {RoomInfo} info */
  #learn(info) {
    const { chat } = this;
    const hasOthers = info.kind === "private" && info.invited.length > 1;
    const isInvitation = !chat.rooms.has(info.name) && (hasOthers || Boolean(info.group && info.head > 0));
    const room = chat.known.learn(info);
    if (info.joined === false) this.#leftElsewhere(room);
    if (isInvitation) chat.tell("invited", { room });
  }

  /** Another device has left a room: this one hears nothing of it any more.
      @param {Room} room */
  #leftElsewhere(room) {
    const { chat } = this;
    room.joined = false;
    room.timeline = null;
    chat.recent.leave(room.name);
    chat.known.remember();
    if (room === chat.current) chat.open(GENERAL);
    chat.tell("rooms");
  }

  /** Somebody calls one in a public room that one is not in.
      @param {Message} message */
  #calledFromOutside(message) {
    const room = this.chat.rooms.get(message.room);
    if (!room || room.joined) return; // Another tab has left it, this one is about to hear of that.
    room.isCalled();
    this.chat.tell("heard", { room, messages: [message] });
  }

  /** @param {{ room: string, epoch: string, at: string, seqs: number[] }} news */
  #erase(news) {
    const { recent, rooms } = this.chat;
    recent.pages.keepOnly(news.epoch);
    const room = rooms.get(news.room);
    for (const thread of room?.open.values() ?? []) thread.erase(news.seqs, news.at);
    if (room?.timeline) room.timeline.erase(news);
    else recent.forget(news.room);
  }

  /** @param {Record<string, number>} heads */
  #compareHeads(heads) {
    const { rooms, catchingUp } = this.chat;
    for (const [name, head] of Object.entries(heads)) {
      const room = rooms.get(name);
      if (room?.timeline && head > room.timeline.head) catchingUp.bring(room).catch(ignoreLost);
      if (room?.joined && head > room.head) catchingUp.recount(room).catch(ignoreLost);
    }
  }
}
