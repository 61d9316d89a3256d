/* What the page's files hand to each other, for the type checker; nothing of it runs. The values
   that go over the wire are in wire.d.ts, which is made from the server's. */

import type { Emitter } from "./lib/emitter.js";
import type * as wire from "./wire.js";

export type Message = wire.Message;
export type RoomInfo = wire.RoomInfo;
export type Profile = wire.Profile;
export type State = RoomInfo["states"][string];

/** An event of a room, as it comes, or before the log has it: then it has no number. */
export type RoomEvent = Partial<wire.Event> & Pick<wire.Event, "type" | "sender">;
/** One that is in the log. */
export type LoggedEvent = wire.Event & Partial<Message>;

/** How far a person has read a room. */
export type Mark = Pick<RoomInfo, "read" | "unread" | "mentions">;
export type Presence = { room: string; joined: string[]; left: string[]; count: number; states?: Record<string, State> };
export type More = { before: boolean; after: boolean };
export type Missed = { recovered: boolean; more: boolean; events: LoggedEvent[]; head: number; epoch: string };

/** Each event that is asked of the server: what is sent, and what a kind answer has. */
export interface Requests {
  rooms: [wire.ListRooms, { rooms: RoomInfo[] }];
  join: [wire.Join, { room: RoomInfo }];
  leave: [wire.Leave, object];
  create: [wire.Create, { room: RoomInfo }];
  update: [wire.Update, { room: RoomInfo }];
  invite: [wire.Invite, { room: RoomInfo }];
  remove: [wire.Remove, object];
  prefs: [wire.Prefs, { prefs: Pick<RoomInfo, "level" | "favourite"> }];
  arrange: [wire.Arrange, { rooms: string[] }];
  message: [wire.Post, { message: Message }];
  edit: [wire.Edit, { event?: wire.Event }];
  delete: [wire.Delete, { event?: wire.Event }];
  react: [wire.React, { event?: wire.Event }];
  history: [wire.ReadHistory, { messages: Message[]; more: More; found?: number | null }];
  versions: [wire.ReadVersions, { versions: { text: string; at: string }[] }];
  resume: [wire.Resume, Missed];
  search: [wire.Search, { messages: Message[]; more: boolean; before?: number }];
  read: [wire.Read, { read: Mark }];
  status: [wire.Status, object];
  people: [wire.ListPeople, { people: Profile[] }];
}

/** What the connection tells; docs/protocol.md has the events. */
export type ConnectionNews = {
  online: void;
  offline: void;
  ended: { reason?: string };
  refused: wire.Problem;
  event: { name: string; payload: any }; // Anything: what it is, its name says.
};

/** What the models need of a connection; connection.js, or a test's. */
export interface Connection extends Emitter<ConnectionNews> {
  request<E extends keyof Requests>(event: E, payload: Requests[E][0]): Promise<Requests[E][1]>;
  emit(event: "typing", payload: wire.Typing): void;
}

/** What was written and is not in the log yet. */
export interface Item extends Pick<Message, "sender" | "room" | "text" | "at" | "reply_to"> {
  cid: string;
  place: number;
  state: "waiting" | "sending" | "failed";
  reason?: string;
}

/** What stands on the page: a message, or what is to become one. */
export type Shown = Omit<Message, "seq"> & Partial<Pick<Message, "seq"> & Pick<Item, "state" | "reason">>;

/** Calls a step later; gives what calls it off. */
export type Later = (step: () => void, seconds: number) => () => void;
export type Now = () => Date;

/* Scripts that are no modules leave themselves here. */
declare global {
  var DOMPurify: typeof import("dompurify").default;
  var markdownit: typeof import("markdown-it").default;
}
